//! The rows, in families, and how a name finds its row.
//!
//! Everything here is laid out when the crate is compiled: the first look-up costs no more than the next.

use crate::Function;

mod activations;
mod bessel;
mod comparison;
mod densities;
mod elliptic;
mod error_functions;
mod exponential;
mod gamma;
mod hyperbolic;
mod integrals;
mod inverse_hyperbolic;
mod inverse_trigonometric;
mod lambert;
mod powers;
mod rounding;
mod trigonometric;

const FAMILIES: &[&[Function]] = &[
    exponential::ROWS,
    powers::ROWS,
    trigonometric::ROWS,
    inverse_trigonometric::ROWS,
    hyperbolic::ROWS,
    inverse_hyperbolic::ROWS,
    comparison::ROWS,
    rounding::ROWS,
    error_functions::ROWS,
    gamma::ROWS,
    bessel::ROWS,
    lambert::ROWS,
    integrals::ROWS,
    elliptic::ROWS,
    activations::ROWS,
    densities::ROWS,
];

const COUNT: usize = {
    let (mut count, mut family) = (0, 0);
    while family < FAMILIES.len() {
        count += FAMILIES[family].len();
        family += 1;
    }
    count
};

static TABLE: [&Function; COUNT] = ROWS;

const ROWS: [&Function; COUNT] = {
    let mut rows = [&FAMILIES[0][0]; COUNT];
    let (mut at, mut family) = (0, 0);
    while family < FAMILIES.len() {
        let mut row = 0;
        while row < FAMILIES[family].len() {
            rows[at] = &FAMILIES[family][row];
            at += 1;
            row += 1;
        }
        family += 1;
    }
    rows
};

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u16);

impl FunctionId {
    /// The row.
    pub fn row(self) -> &'static Function {
        TABLE[self.0 as usize]
    }
}

/// All rows.
pub fn table() -> &'static [&'static Function] {
    &TABLE
}

/// The row that has this name, or this name among its aliases.
pub fn find(name: &str) -> Option<FunctionId> {
    let mut slot = hash(name.as_bytes()) & (SLOTS - 1);
    loop {
        let id = INDEX[slot].checked_sub(1)?;
        let row = TABLE[id as usize];
        if row.name == name || row.aliases.contains(&name) {
            return Some(FunctionId(id));
        }
        slot = (slot + 1) & (SLOTS - 1);
    }
}

// Open addressing over names and aliases; 0 is a free slot, otherwise the row's number plus one. Four times as many
// slots as names keep runs short.
const SLOTS: usize = 1024;

static INDEX: [u16; SLOTS] = {
    let mut index = [0; SLOTS];
    let mut row = 0;
    while row < COUNT {
        place(&mut index, ROWS[row].name, row);
        let mut alias = 0;
        while alias < ROWS[row].aliases.len() {
            place(&mut index, ROWS[row].aliases[alias], row);
            alias += 1;
        }
        row += 1;
    }
    index
};

const fn place(index: &mut [u16; SLOTS], name: &str, row: usize) {
    let mut slot = hash(name.as_bytes()) & (SLOTS - 1);
    while index[slot] != 0 {
        slot = (slot + 1) & (SLOTS - 1);
    }
    index[slot] = row as u16 + 1;
}

// FNV-1a: short enough to run when the crate is compiled.
const fn hash(bytes: &[u8]) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        at += 1;
    }
    (hash ^ (hash >> 32)) as usize
}
