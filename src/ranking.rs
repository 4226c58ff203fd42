//! Ranks by pairwise and multiple choices: the model of Bradley and Terry, in Luce's form for choices
//! among several.
//!
//! Each player has a strength; of those compared, each is chosen with the share that its strength has
//! in their sum. Two players make it Bradley–Terry. Strengths are fitted by the usual MM iteration
//! (Hunter, Annals of Statistics 32, 2004). A small prior keeps them finite: everybody has won and lost
//! half a comparison with a player of strength 1, the reference. A tie is shared in equal parts.
//!
//! Pure. Players are numbers; the answer depends on what was chosen how often, not on the order.

use std::collections::BTreeMap;

/// Comparisons with the reference that everybody has won, and as many that everybody has lost.
const PRIOR: f64 = 0.5;

/// The fit ends when no log-strength moves more than this.
const CLOSE: f64 = 1e-10;

/// More rounds than any fit needs.
const ROUNDS: usize = 10_000;

/// Standard errors on both sides that hold 95 of 100 times.
const Z95: f64 = 1.959_964;

/// Points for each factor of ten in strength, and where strength 1 is: Elo's scale.
const SCALE: (f64, f64) = (400.0, 1_000.0);

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Who was compared: at least two, each once.
    pub among: Vec<usize>,
    /// Who was chosen; none is a tie.
    pub best: Option<usize>,
}

/// What came of a player.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Standing {
    /// The logarithm of the strength; the reference has 0.
    pub strength: f64,
    /// Its standard error, from the Fisher information.
    pub error: f64,
    /// Comparisons in which it was chosen.
    pub wins: u32,
    /// Comparisons in which another was.
    pub losses: u32,
    /// Comparisons in which all were equal.
    pub ties: u32,
}

impl Standing {
    /// Comparisons in all.
    pub(crate) fn comparisons(&self) -> u32 {
        self.wins + self.losses + self.ties
    }

    /// On Elo's scale: 1,000 is the reference, and 400 points more are chosen ten times as often.
    pub(crate) fn rating(&self) -> f64 {
        points(self.strength) + SCALE.1
    }

    /// Within how many points of the rating the true one is, 95 of 100 times.
    pub(crate) fn margin(&self) -> f64 {
        points(Z95 * self.error)
    }
}

fn points(strength: f64) -> f64 {
    strength * SCALE.0 / std::f64::consts::LN_10
}

/// How often each of the same players was chosen, and how often nobody was.
#[derive(Debug, Clone, Default)]
struct Group {
    wins: BTreeMap<usize, u32>,
    ties: u32,
}

impl Group {
    fn count(&self) -> f64 {
        f64::from(self.wins.values().sum::<u32>() + self.ties)
    }
}

/// Ranks so many players; the answer is in their order. Choices among fewer than two say nothing, nor
/// do players beyond the last.
pub(crate) fn rank(players: usize, choices: &[Choice]) -> Vec<Standing> {
    // Equal sets together, in a fixed order: then no rounding depends on the order of the choices.
    let mut groups: BTreeMap<Vec<usize>, Group> = BTreeMap::new();
    for Choice { among, best } in choices {
        let mut set: Vec<usize> = among.iter().copied().filter(|at| *at < players).collect();
        set.sort_unstable();
        set.dedup();
        if set.len() < 2 || best.is_some_and(|best| !set.contains(&best)) {
            continue;
        }
        let group = groups.entry(set).or_default();
        match best {
            Some(best) => *group.wins.entry(*best).or_default() += 1,
            None => group.ties += 1,
        }
    }
    let mut standings = vec![Standing::default(); players];
    for (set, group) in &groups {
        let all: u32 = group.wins.values().sum();
        for player in set {
            let wins = group.wins.get(player).copied().unwrap_or_default();
            standings[*player].wins += wins;
            standings[*player].losses += all - wins;
            standings[*player].ties += group.ties;
        }
    }
    let strengths = fit(players, &groups);
    let errors = errors(&strengths, &groups);
    for (standing, (strength, error)) in standings.iter_mut().zip(strengths.iter().zip(errors)) {
        standing.strength = strength.ln();
        standing.error = error;
    }
    standings
}

/// The strengths that make the choices, and the prior, most likely.
fn fit(players: usize, groups: &BTreeMap<Vec<usize>, Group>) -> Vec<f64> {
    let mut won = vec![PRIOR; players];
    for (set, group) in groups {
        for player in set {
            let wins = group.wins.get(player).copied().unwrap_or_default();
            won[*player] += f64::from(wins) + f64::from(group.ties) / set.len() as f64;
        }
    }
    let mut strengths = vec![1.0_f64; players];
    for _ in 0..ROUNDS {
        let mut weights: Vec<f64> =
            strengths.iter().map(|strength| 2.0 * PRIOR / (strength + 1.0)).collect();
        for (set, group) in groups {
            let sum: f64 = set.iter().map(|player| strengths[*player]).sum();
            set.iter().for_each(|player| weights[*player] += group.count() / sum);
        }
        let next: Vec<f64> = won.iter().zip(&weights).map(|(won, weight)| won / weight).collect();
        let moved = next.iter().zip(&strengths).map(|(new, old)| (new / old).ln().abs());
        let moved = moved.fold(0.0, f64::max);
        strengths = next;
        if moved < CLOSE {
            break;
        }
    }
    strengths
}

/// The standard errors of the log-strengths: the Fisher information, inverted.
fn errors(strengths: &[f64], groups: &BTreeMap<Vec<usize>, Group>) -> Vec<f64> {
    let players = strengths.len();
    let mut information = vec![vec![0.0; players]; players];
    for (player, strength) in strengths.iter().enumerate() {
        let share = strength / (strength + 1.0);
        information[player][player] = 2.0 * PRIOR * share * (1.0 - share);
    }
    for (set, group) in groups {
        let sum: f64 = set.iter().map(|player| strengths[*player]).sum();
        for one in set {
            let share = strengths[*one] / sum;
            information[*one][*one] += group.count() * share;
            for other in set {
                information[*one][*other] -= group.count() * share * strengths[*other] / sum;
            }
        }
    }
    variances(information).into_iter().map(f64::sqrt).collect()
}

/// The diagonal of the inverse of a symmetric positive definite matrix, by its Cholesky factor: row
/// sums of squares of the factor's inverse.
fn variances(matrix: Vec<Vec<f64>>) -> Vec<f64> {
    let size = matrix.len();
    let mut factor = vec![vec![0.0; size]; size];
    for row in 0..size {
        for column in 0..=row {
            let known: f64 = (0..column).map(|at| factor[row][at] * factor[column][at]).sum();
            let rest = matrix[row][column] - known;
            factor[row][column] = if row == column {
                rest.max(f64::MIN_POSITIVE).sqrt()
            } else {
                rest / factor[column][column]
            };
        }
    }
    // Column by column, the inverse of the factor; the variance of a player sums its column's squares.
    (0..size)
        .map(|player| {
            let mut column = vec![0.0; size];
            for row in player..size {
                let known: f64 = (player..row).map(|at| factor[row][at] * column[at]).sum();
                let unit = if row == player { 1.0 } else { 0.0 };
                column[row] = (unit - known) / factor[row][row];
            }
            column.iter().map(|value| value * value).sum()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn beats(winner: usize, loser: usize, times: usize) -> Vec<Choice> {
        vec![Choice { among: vec![winner, loser], best: Some(winner) }; times]
    }

    #[test]
    fn nothing_compared_is_the_reference() {
        let standings = rank(2, &[]);
        assert_eq!(standings[0].rating(), 1_000.0);
        // The prior alone: information 1/4, so a standard error of 2.
        assert!((standings[0].error - 2.0).abs() < 1e-9);
        assert!(rank(0, &[]).is_empty());
    }

    #[test]
    fn many_choices_come_near_the_odds() {
        // 75 of 100: odds of three to one, whatever the prior.
        let choices = [beats(0, 1, 7_500), beats(1, 0, 2_500)].concat();
        let standings = rank(2, &choices);
        let odds = (standings[0].strength - standings[1].strength).exp();
        assert!((odds - 3.0).abs() < 0.01, "{odds}");
        assert_eq!((standings[0].wins, standings[0].losses, standings[0].ties), (7_500, 2_500, 0));
    }

    #[test]
    fn who_beats_the_winner_is_ahead_without_having_met_the_others() {
        let choices = [beats(0, 1, 5), beats(1, 2, 5)].concat();
        let standings = rank(3, &choices);
        assert!(standings[0].strength > standings[1].strength);
        assert!(standings[1].strength > standings[2].strength);
        assert!(standings.iter().all(|one| one.strength.is_finite() && one.error.is_finite()));
        assert!(standings[0].error > standings[1].error, "fewer comparisons are less sure");
    }

    #[test]
    fn a_choice_among_several_weighs_once() {
        let three = Choice { among: vec![0, 1, 2], best: Some(2) };
        let standings = rank(3, &[three.clone(), three]);
        assert_eq!((standings[2].wins, standings[0].losses), (2, 2));
        assert_eq!(standings[0].strength, standings[1].strength);
        // Twice against one other weighs as much as twice against two: the wins are two either way.
        let pair = rank(2, &beats(0, 1, 2));
        assert_eq!((pair[0].wins, pair[0].comparisons()), (2, 2));
    }

    #[test]
    fn the_variances_are_those_of_the_inverse() {
        // [[2, 1], [1, 2]] has the inverse [[2, -1], [-1, 2]] / 3.
        let found = variances(vec![vec![2.0, 1.0], vec![1.0, 2.0]]);
        assert!(found.iter().all(|value| (value - 2.0 / 3.0).abs() < 1e-12), "{found:?}");
    }

    fn choices() -> impl Strategy<Value = Vec<Choice>> {
        let one =
            (prop::collection::vec(0_usize..5, 2..5), 0_usize..6).prop_map(|(among, best)| {
                let best = among.get(best).copied();
                Choice { among, best }
            });
        prop::collection::vec(one, 0..40)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_is_finite_and_the_order_of_the_choices_counts_for_nothing(
            choices in choices(), turn in 0_usize..40
        ) {
            let standings = rank(5, &choices);
            for one in &standings {
                prop_assert!(one.strength.is_finite() && one.error.is_finite() && one.error > 0.0);
            }
            let mut turned = choices.clone();
            turned.rotate_left(turn.min(choices.len()));
            turned.iter_mut().for_each(|choice| choice.among.reverse());
            prop_assert_eq!(standings, rank(5, &turned));
        }

        #[test]
        fn one_more_win_never_lowers_a_player(choices in choices()) {
            let before = rank(5, &choices);
            let more = [choices, beats(0, 1, 1)].concat();
            let after = rank(5, &more);
            prop_assert!(after[0].strength >= before[0].strength - 1e-6);
            prop_assert!(after[1].strength <= before[1].strength + 1e-6);
        }

        #[test]
        fn equal_records_are_equal(wins in 0_usize..9, ties in 0_usize..5) {
            let tie = Choice { among: vec![0, 1], best: None };
            let standings = rank(2, &[beats(0, 1, wins), beats(1, 0, wins), vec![tie; ties]].concat());
            prop_assert!((standings[0].strength - standings[1].strength).abs() < 1e-9);
            prop_assert!(standings[0].strength.abs() < 1e-6);
        }
    }
}
