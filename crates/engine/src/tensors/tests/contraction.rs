//! Joins against the loop over all labels that the notation means.

use std::borrow::Cow;

use super::*;
use crate::tensors::contraction::{Hot, Piece, contract};

/// `scalar * sum over labels not in out of prod of factors`, index by index.
fn naive(scalar: f64, factors: &[(Vec<u8>, Vec<f64>)], out: &[u8], sizes: &[usize]) -> Vec<f64> {
    let place = |labels: &[u8], index: &[usize]| {
        labels.iter().fold(0, |at, l| at * sizes[*l as usize] + index[*l as usize])
    };
    let mut result = vec![0.0; out.iter().map(|l| sizes[*l as usize]).product()];
    for number in 0..sizes.iter().product::<usize>() {
        let mut rest = number;
        let mut index = Vec::new();
        for n in sizes {
            index.push(rest % n);
            rest /= n;
        }
        let product = factors.iter().fold(scalar, |p, (labels, data)| p * data[place(labels, &index)]);
        result[place(out, &index)] += product;
    }
    result
}

#[test]
fn joins_give_what_the_loop_gives() {
    for seed in 0..6000 {
        let mut random = Random::new(seed);
        let count = 1 + random.below(6) as usize;
        let sizes: Vec<usize> = (0..count).map(|_| 1 + random.below(4) as usize).collect();
        let label = |random: &mut Random| random.below(count as u64) as u8;
        let mut pieces = Vec::new();
        let mut hots = Vec::new();
        let mut factors = Vec::new();
        for _ in 0..random.below(6) {
            let labels: Vec<u8> = (0..random.below(4)).map(|_| label(&mut random)).collect();
            let volume = labels.iter().map(|l| sizes[*l as usize]).product::<usize>();
            if random.below(3) == 0 {
                let last = label(&mut random);
                let n = sizes[last as usize];
                let index: Vec<usize> = (0..volume).map(|_| random.below(n as u64) as usize).collect();
                let mut dense = vec![0.0; volume * n];
                index.iter().enumerate().for_each(|(row, at)| dense[row * n + at] = 1.0);
                let mut all = labels.clone();
                all.push(last);
                factors.push((all, dense));
                hots.push(Hot { labels, index: Cow::Owned(index), label: last });
            } else {
                let data: Vec<f64> = (0..volume).map(|_| random.between(-2.0, 2.0)).collect();
                factors.push((labels.clone(), data.clone()));
                pieces.push(Piece { labels, data: Cow::Owned(data) });
            }
        }
        let out: Vec<u8> = (0..random.below(4)).map(|_| label(&mut random)).collect();
        let found = contract(1.5, pieces, hots, &out, &sizes).expect("small");
        let wanted = naive(1.5, &factors, &out, &sizes);
        let scale = wanted.iter().fold(1.0f64, |most, x| most.max(x.abs()));
        let close = found.data().len() == wanted.len()
            && found.data().iter().zip(&wanted).all(|(x, y)| (x - y).abs() <= 1e-11 * scale);
        assert!(close, "seed {seed}: {factors:?} -> {out:?} in {sizes:?}\n{found:?}\n{wanted:?}");
    }
}

#[test]
fn a_chain_costs_what_its_joins_do() {
    // One loop over all labels would take 100^5 steps.
    let mut w = World::new();
    let n = w.size("n", 100);
    let entries: Vec<f64> = (0..10_000).map(|i| (i % 7) as f64 - 3.0).collect();
    let a = w.tensor("A", &[n, n], &entries);
    let x = w.tensor("x", &[n], &entries[..100]);
    let mut node = x;
    for _ in 0..4 {
        node = w.g.matmul(a, node);
    }
    let mut by_hand = entries[..100].to_vec();
    for _ in 0..4 {
        by_hand =
            (0..100).map(|i| (0..100).map(|j| entries[i * 100 + j] * by_hand[j]).sum::<f64>()).collect();
    }
    near(&w.entries(node), &by_hand, 1e-12);
}
