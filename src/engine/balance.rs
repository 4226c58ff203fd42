//! Which of equal routes comes first: as written, by weight, by price, or by measured time.
//!
//! Pure. Equal are routes that lead to the same model at different
//! providers; the keys of one provider share the load in any case.

use crate::money::Money;
use crate::settings::Balance;

/// One of the equal routes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Candidate {
    /// Its provider's weight.
    pub weight: u32,
    /// What one image is expected to cost; an unknown price counts as the dearest.
    pub cost: Option<Money>,
    /// Seconds for one image: measured, else claimed.
    pub seconds: Option<f64>,
}

/// The places of the candidates in the order in which they are to be taken. `dice(n)` is a number
/// from 0 to n - 1.
pub(crate) fn order(
    balance: Balance,
    candidates: &[Candidate],
    dice: &mut dyn FnMut(u64) -> u64,
) -> Vec<usize> {
    let mut left: Vec<usize> = (0..candidates.len()).collect();
    match balance {
        Balance::Ordered => return left,
        Balance::Cheapest => {
            let cost = |at: &usize| candidates[*at].cost.map_or(u64::MAX, Money::as_micros);
            left.sort_by_key(cost);
            return left;
        }
        Balance::Weighted | Balance::Fastest => {}
    }
    let mut ordered = Vec::with_capacity(left.len());
    while left.len() > 1 {
        let place = match balance {
            Balance::Weighted => by_weight(candidates, &left, dice),
            _ => of_two(candidates, &left, dice),
        };
        ordered.push(left.remove(place));
    }
    ordered.extend(left);
    ordered
}

/// A place in `left`, by chance in proportion to the weights; with no weight at all, the first.
fn by_weight(candidates: &[Candidate], left: &[usize], dice: &mut dyn FnMut(u64) -> u64) -> usize {
    let weight = |at: &usize| u64::from(candidates[*at].weight);
    let sum: u64 = left.iter().map(weight).sum();
    if sum == 0 {
        return 0;
    }
    let mut thrown = dice(sum);
    for (place, at) in left.iter().enumerate() {
        match thrown.checked_sub(weight(at)) {
            Some(rest) => thrown = rest,
            None => return place,
        }
    }
    0
}

/// The faster of two by chance: nearly as good as the fastest, and a route that was slow once is
/// measured again.
fn of_two(candidates: &[Candidate], left: &[usize], dice: &mut dyn FnMut(u64) -> u64) -> usize {
    let one = dice(left.len() as u64) as usize;
    let other = (one + 1 + dice(left.len() as u64 - 1) as usize) % left.len();
    let seconds = |place: usize| candidates[left[place]].seconds.unwrap_or(f64::INFINITY);
    let (first, second) = (one.min(other), one.max(other));
    if seconds(second) < seconds(first) { second } else { first }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(weight: u32, cost: Option<u64>, seconds: Option<f64>) -> Candidate {
        Candidate { weight, cost: cost.map(Money::micros), seconds }
    }

    fn firsts(balance: Balance, candidates: &[Candidate], throws: u64) -> Vec<u64> {
        let mut count = vec![0; candidates.len()];
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut dice = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % n
        };
        for _ in 0..throws {
            count[order(balance, candidates, &mut dice)[0]] += 1;
        }
        count
    }

    #[test]
    fn the_cheapest_is_first_and_an_unknown_price_last() {
        let three =
            [candidate(1, None, None), candidate(1, Some(9), None), candidate(1, Some(4), None)];
        assert_eq!(order(Balance::Cheapest, &three, &mut |_| 0), [2, 1, 0]);
        assert_eq!(order(Balance::Ordered, &three, &mut |_| 0), [0, 1, 2]);
    }

    #[test]
    fn weights_are_shares_and_none_means_last() {
        let three = [candidate(3, None, None), candidate(1, None, None), candidate(0, None, None)];
        let count = firsts(Balance::Weighted, &three, 4_000);
        assert!((2_800..=3_200).contains(&count[0]), "{count:?}");
        assert_eq!(count[2], 0);
        let none = [candidate(0, None, None), candidate(0, None, None)];
        assert_eq!(order(Balance::Weighted, &none, &mut |_| 0), [0, 1]);
    }

    #[test]
    fn of_two_the_faster_comes_first_and_of_many_the_slowest_never() {
        let two = [candidate(1, None, Some(9.0)), candidate(1, None, Some(2.0))];
        assert_eq!(firsts(Balance::Fastest, &two, 50), [0, 50]);
        let three = [two[0], two[1], candidate(1, None, None)];
        let count = firsts(Balance::Fastest, &three, 300);
        assert!(count[2] == 0 && count[0] > 0 && count[1] > count[0], "{count:?}");
    }

    proptest! {
        #[test]
        fn every_order_holds_each_candidate_once(
            weights in prop::collection::vec((0u32..4, 0u64..9), 1..6),
            throws in prop::collection::vec(0u64..100, 12),
        ) {
            let candidates: Vec<_> = weights
                .iter()
                .map(|(weight, n)| candidate(*weight, (*n > 1).then_some(*n), Some(*n as f64)))
                .collect();
            for balance in
                [Balance::Ordered, Balance::Weighted, Balance::Cheapest, Balance::Fastest]
            {
                let mut thrown = throws.iter().cycle();
                let mut dice = |n: u64| thrown.next().copied().unwrap_or(0) % n;
                let mut order = order(balance, &candidates, &mut dice);
                order.sort_unstable();
                prop_assert_eq!(order, (0..candidates.len()).collect::<Vec<_>>());
            }
        }
    }
}
