//! Derivatives of a matrix by a matrix as `d vec(F)/d vec(X)'`, column after column.

use agnesi_syntax::{Tree, TreeId};

use super::form::{Dims, Id};
use super::product::Product;
use super::{Raiser, Style};
use crate::Rational;
use crate::graph::Graph;
use crate::op::{Contract, Factor, Label, Labels, NodeId, Op};

/// The axes `[i, j, k, l]` of `dF[i,j]/dX[k,l]` in pairs: rows of the outer and of the inner matrix.
const KRON: [[usize; 2]; 2] = [[1, 3], [0, 2]];
const KRON_COMMUT: [[usize; 2]; 2] = [[1, 2], [0, 3]];
const VEC: [[usize; 2]; 2] = [[0, 1], [2, 3]];

impl Graph {
    /// A node `[i, j, k, l] = dF[i,j]/dX[k,l]` as the matrix `d vec(F)/d vec(X)'` in `kron`, `commut` and `vec`; `None`
    /// where it does not split into pairs of axes.
    pub fn raise_vec_jacobian(&mut self, node: NodeId, style: Style) -> Option<(Tree, TreeId)> {
        if self.shape(node).len() != 4 {
            return None;
        }
        let terms = self.terms(node);
        let mut raiser = Raiser::new(self, style);
        raiser.find_tensors(node);
        let mut products = Vec::with_capacity(terms.len());
        for (c, term) in terms {
            let form = raiser.split_pairs(term)?;
            let mut product = raiser.forms.split(form);
            product.scale(&c);
            products.push(product);
        }
        let sum = raiser.forms.add(products, Dims::Matrix);
        let form = raiser.forms.build(&sum);
        let root = raiser.render(form);
        Some((raiser.tree, root))
    }
}

impl Raiser<'_> {
    fn split_pairs(&mut self, node: NodeId) -> Option<Id> {
        let Op::Contract(c) = self.g.op(node).clone() else { return None };
        if c.coefficient.is_zero() {
            return None;
        }
        let mut product = Product::one();
        product.scale(&c.coefficient);
        for f in c.factors.iter().filter(|f| f.labels.is_empty()) {
            let form = self.form(f.node);
            let power = self.forms.power(form, &f.exponent.abs());
            if f.exponent.is_negative() { product.below.push(power) } else { product.above.push(power) }
        }
        let tensor = if c.out[0] == c.out[2] && c.out[1] == c.out[3] && c.out[0] != c.out[1] {
            // Entry by entry: a diagonal, of ones if nothing depends on an entry.
            self.entrywise_jacobian(&c)?
        } else {
            self.paired(&c)?
        };
        product.tensor = Some(tensor);
        Some(self.forms.build(&product))
    }

    fn entrywise_jacobian(&mut self, c: &Contract) -> Option<Id> {
        let sizes = [c.sizes[c.out[0] as usize], c.sizes[c.out[1] as usize]];
        let factors: Vec<Factor> = c.factors.iter().filter(|f| !f.labels.is_empty()).cloned().collect();
        if let Some(split) = self.paired(c) {
            return Some(split);
        }
        if factors.is_empty() {
            let size = self.g.mul(sizes[0], sizes[1]);
            return Some(self.constant("eye", &[size]));
        }
        let out = Labels::from_slice(&c.out[..2]);
        let entries = self.g.contract(Rational::ONE, factors, out, c.sizes.to_vec());
        let form = self.form(entries);
        let vec = self.forms.call("vec", &[form], Dims::Column);
        Some(self.forms.call("diag", &[vec], Dims::Matrix))
    }

    /// The factors split over pairs of axes.
    fn paired(&mut self, c: &Contract) -> Option<Id> {
        let components = components(c);
        for pairing in [KRON, KRON_COMMUT, VEC] {
            // Which pair an axis belongs to; axes with one label are of one pair.
            let pair_of = |axis: usize| usize::from(pairing[1].contains(&axis));
            let pair = |labels: &[Label]| {
                let mut pairs = (0..4).filter(|a| labels.contains(&c.out[*a])).map(pair_of);
                let first = pairs.next().unwrap_or(0);
                pairs.all(|p| p == first).then_some(first)
            };
            let split = components.iter().map(|(labels, _)| pair(labels)).collect::<Option<Vec<usize>>>();
            let Some(split) = split else { continue };
            if !(0..4).all(|a| pair(&[c.out[a]]).is_some()) {
                continue;
            }
            let mut parts = [Id(0); 2];
            for (which, axes) in pairing.iter().enumerate() {
                let factors: Vec<Factor> = components
                    .iter()
                    .zip(&split)
                    .filter(|(_, p)| **p == which)
                    .flat_map(|((_, factors), _)| factors.iter().cloned())
                    .collect();
                let (rows, columns) = (axes[0], axes[1]);
                parts[which] = self.part(c, factors, c.out[rows], c.out[columns])?;
            }
            return Some(if pairing == VEC {
                let [a, b] = parts.map(|m| self.forms.call("vec", &[m], Dims::Column));
                let row = self.forms.transpose(b);
                self.forms.times(a, row, Dims::Matrix)
            } else {
                let kron = self.forms.call("kron", &parts, Dims::Matrix);
                if pairing == KRON {
                    kron
                } else {
                    let sizes = [c.sizes[c.out[2] as usize], c.sizes[c.out[3] as usize]];
                    let sizes = sizes.map(|s| self.scalar(s));
                    let commut = self.forms.call("commut", &sizes, Dims::Matrix);
                    self.forms.times(kron, commut, Dims::Matrix)
                }
            });
        }
        None
    }

    /// One of the two matrices.
    fn part(&mut self, c: &Contract, factors: Vec<Factor>, row: Label, column: Label) -> Option<Id> {
        let mut used: Vec<Label> = factors.iter().flat_map(|f| f.labels.iter().copied()).collect();
        used.extend([row, column]);
        used.sort_unstable();
        used.dedup();
        let number = |l: Label| used.iter().position(|u| *u == l).map(|i| i as Label);
        let mut renamed = Vec::with_capacity(factors.len());
        for f in factors {
            let labels = f.labels.iter().map(|l| number(*l)).collect::<Option<Labels>>()?;
            renamed.push(Factor { labels, ..f });
        }
        let out = Labels::from_slice(&[number(row)?, number(column)?]);
        let sizes = used.iter().map(|l| c.sizes[*l as usize]).collect();
        let matrix = self.g.contract(Rational::ONE, renamed, out, sizes);
        if let Op::Contract(c) = self.g.op(matrix).clone() {
            return self.contracted(&c);
        }
        Some(self.form(matrix))
    }
}

/// The factors in groups that summed labels join, each with its labels.
fn components(c: &Contract) -> Vec<(Vec<Label>, Vec<Factor>)> {
    let mut groups: Vec<(Vec<Label>, Vec<Factor>)> = Vec::new();
    for f in c.factors.iter().filter(|f| !f.labels.is_empty()) {
        let mut labels = f.labels.to_vec();
        let mut factors = vec![f.clone()];
        let meets = |other: &[Label], labels: &[Label]| {
            labels.iter().any(|l| other.contains(l) && !c.out.contains(l))
        };
        let mut kept = Vec::new();
        for group in std::mem::take(&mut groups) {
            if meets(&group.0, &labels) {
                labels.extend(group.0);
                factors.extend(group.1);
            } else {
                kept.push(group);
            }
        }
        kept.push((labels, factors));
        groups = kept;
    }
    groups
}
