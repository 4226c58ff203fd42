//! Delaunay triangulation by insertion: each point opens the triangles whose circle holds it.
//!
//! Points are inserted in the order given; rows that lie near each other keep the walk short.
//! Pure: no network, no clock, no files.

/// Indices into the points, and the neighbour opposite each corner.
#[derive(Debug, Clone, Copy)]
struct Triangle {
    corners: [usize; 3],
    beside: [usize; 3],
    alive: bool,
}

const NONE: usize = usize::MAX;

/// Triangles over points inside `0.0..width` × `0.0..height` (a little outside is fine).
pub(super) fn triangulate(points: &[(f64, f64)], width: f64, height: f64) -> Vec<[usize; 3]> {
    let count = points.len();
    let mut all = points.to_vec();
    let far = (width + height) * 20.0;
    all.extend([(-far, -far), (width + far, -far), (width / 2.0, height + far)]);
    let mut mesh =
        vec![Triangle { corners: [count, count + 1, count + 2], beside: [NONE; 3], alive: true }];
    let mut last = 0;
    for index in 0..count {
        last = insert(&mut mesh, &all, index, last);
    }
    mesh.iter()
        .filter(|t| t.alive && t.corners.iter().all(|c| *c < count))
        .map(|t| t.corners)
        .collect()
}

fn cross(a: (f64, f64), b: (f64, f64), c: (f64, f64)) -> f64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

/// Whether `p` lies inside the circle through a triangle of positive turn.
fn encircled(a: (f64, f64), b: (f64, f64), c: (f64, f64), p: (f64, f64)) -> bool {
    let (ax, ay) = (a.0 - p.0, a.1 - p.1);
    let (bx, by) = (b.0 - p.0, b.1 - p.1);
    let (cx, cy) = (c.0 - p.0, c.1 - p.1);
    let (aa, bb, cc) = (ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy);
    ax * (by * cc - bb * cy) - ay * (bx * cc - bb * cx) + aa * (bx * cy - by * cx) > 0.0
}

/// Walks from a triangle to the one holding the point.
fn locate(mesh: &[Triangle], all: &[(f64, f64)], point: (f64, f64), start: usize) -> usize {
    let mut at = start;
    for _ in 0..mesh.len() * 2 + 8 {
        let triangle = &mesh[at];
        let outside = (0..3).find(|&k| {
            let a = all[triangle.corners[(k + 1) % 3]];
            let b = all[triangle.corners[(k + 2) % 3]];
            cross(a, b, point) < 0.0 && triangle.beside[k] != NONE
        });
        match outside {
            Some(k) => at = triangle.beside[k],
            None => break,
        }
    }
    at
}

/// Inserts one point; returns a new triangle to start the next walk from.
fn insert(mesh: &mut Vec<Triangle>, all: &[(f64, f64)], index: usize, start: usize) -> usize {
    let point = all[index];
    let seed = locate(mesh, all, point, start);
    let mut hole = vec![seed];
    mesh[seed].alive = false;
    let mut next = 0;
    // The rim: corner, corner, triangle beyond.
    let mut rim: Vec<(usize, usize, usize)> = Vec::new();
    while next < hole.len() {
        let triangle = mesh[hole[next]];
        next += 1;
        for k in 0..3 {
            let beyond = triangle.beside[k];
            let (a, b) = (triangle.corners[(k + 1) % 3], triangle.corners[(k + 2) % 3]);
            if beyond == NONE {
                rim.push((a, b, NONE));
                continue;
            }
            if !mesh[beyond].alive {
                continue;
            }
            let [p, q, r] = mesh[beyond].corners;
            if encircled(all[p], all[q], all[r], point) {
                mesh[beyond].alive = false;
                hole.push(beyond);
            } else {
                rim.push((a, b, beyond));
            }
        }
    }
    let first = mesh.len();
    for (offset, &(a, b, beyond)) in rim.iter().enumerate() {
        let own = first + offset;
        // The triangle (index, a, b): opposite the new point lies what is beyond.
        let after = rim.iter().position(|edge| edge.0 == b).map_or(NONE, |at| first + at);
        let before = rim.iter().position(|edge| edge.1 == a).map_or(NONE, |at| first + at);
        mesh.push(Triangle {
            corners: [index, a, b],
            beside: [beyond, after, before],
            alive: true,
        });
        if beyond != NONE {
            for k in 0..3 {
                let corner = mesh[beyond].corners[k];
                if corner != a && corner != b {
                    mesh[beyond].beside[k] = own;
                }
            }
        }
    }
    first
}
