//! Instructions of x86 as bytes: those of AVX2 with the prefix VEX and those of AVX-512 with EVEX, and the few on addresses
//! that a loop needs. The layout of both prefixes is that of Intel's manual of the architecture, volume 2, sections 2.3 and
//! 2.7.

use super::pool::Pool;

/// A register of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gpr(pub u8);

pub(super) const RAX: Gpr = Gpr(0);
/// How many bytes the loop has gone.
pub(super) const RCX: Gpr = Gpr(1);
pub(super) const RDX: Gpr = Gpr(2);
pub(super) const RBX: Gpr = Gpr(3);
pub(super) const RSP: Gpr = Gpr(4);
/// The first argument: the table of addresses.
pub(super) const RDI: Gpr = Gpr(7);
pub(super) const R8: Gpr = Gpr(8);
pub(super) const R9: Gpr = Gpr(9);
pub(super) const R10: Gpr = Gpr(10);
pub(super) const R11: Gpr = Gpr(11);
pub(super) const R12: Gpr = Gpr(12);
pub(super) const R13: Gpr = Gpr(13);
pub(super) const R14: Gpr = Gpr(14);
pub(super) const R15: Gpr = Gpr(15);

/// A vector in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// So many bytes behind a base; `moves` along with the loop.
    At { base: Gpr, displacement: i32, moves: bool },
    /// A number of the code's own, spread out.
    Own(Pool),
}

/// The last operand of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    Register(u8),
    Memory(Memory),
}

/// What an instruction on vectors is, beside its registers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opcode {
    /// The table of opcodes: 1 for `0F`, 2 for `0F38`, 3 for `0F3A`.
    pub map: u8,
    /// The prefix that is part of the opcode: 0 for none, 1 for `66`, 3 for `F2`.
    pub prefix: u8,
    /// The bit that tells doubles from singles where the prefix does not.
    pub wide: bool,
    pub code: u8,
}

/// Which numbers of the result an instruction of AVX-512 writes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mask {
    /// A register of masks; 0 for all numbers.
    pub register: u8,
    /// Whether the others become 0, else they stay.
    pub zeroing: bool,
}

/// How long vectors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// One number, in a register of 128 bits.
    One,
    /// 256 bits, of AVX2.
    Half,
    /// 512 bits, of AVX-512.
    Full,
}

/// Where code is written.
pub(super) struct Encoder {
    pub bytes: Vec<u8>,
    length: Length,
    /// Displacements that wait for the place of a number: where they are, what the instruction's end is, and the number.
    waiting: Vec<(usize, usize, Pool)>,
}

impl Encoder {
    pub fn new(bytes: Vec<u8>, length: Length) -> Encoder {
        Encoder { bytes, length, waiting: Vec::new() }
    }

    /// An instruction on vectors: the register `to`, the one of the prefix, and the last operand, and a byte behind it.
    pub fn vector(
        &mut self,
        opcode: Opcode,
        to: u8,
        middle: u8,
        last: Last,
        mask: Mask,
        immediate: Option<u8>,
    ) {
        // Bits that are inverted in the prefix.
        let not = |number: u8, bit: u8| !(number >> bit) & 1;
        let (x, b) = match last {
            Last::Register(register) => (not(register, 4), not(register, 3)),
            Last::Memory(Memory::At { base, .. }) => (1, not(base.0, 3)),
            Last::Memory(Memory::Own(_)) => (1, 1),
        };
        let wide = u8::from(opcode.wide) << 7;
        let others = (!middle & 15) << 3;
        if self.length == Length::Full {
            let zeroing = u8::from(mask.zeroing) << 7;
            self.bytes.extend([
                0x62,
                not(to, 3) << 7 | x << 6 | b << 5 | not(to, 4) << 4 | opcode.map,
                wide | others | 1 << 2 | opcode.prefix,
                zeroing | 2 << 5 | not(middle, 4) << 3 | mask.register,
            ]);
        } else {
            let half = u8::from(self.length == Length::Half) << 2;
            self.bytes.extend([
                0xC4,
                not(to, 3) << 7 | x << 6 | b << 5 | opcode.map,
                wide | others | half | opcode.prefix,
            ]);
        }
        self.bytes.push(opcode.code);
        self.operands(to, last, immediate);
    }

    /// `or` of two masks into the first one.
    pub fn or_masks(&mut self, to: u8, other: u8) {
        self.bytes.extend([0xC5, 1 << 7 | (!to & 15) << 3 | 1 << 2, 0x45, 3 << 6 | to << 3 | other]);
    }

    fn operands(&mut self, to: u8, last: Last, immediate: Option<u8>) {
        let to = (to & 7) << 3;
        match last {
            Last::Register(register) => self.bytes.push(3 << 6 | to | register & 7),
            Last::Memory(Memory::At { base, displacement, moves }) => {
                let index = if moves { RCX.0 } else { RSP.0 };
                self.bytes.extend([2 << 6 | to | 4, index << 3 | base.0 & 7]);
                self.bytes.extend(displacement.to_le_bytes());
            }
            Last::Memory(Memory::Own(number)) => {
                self.bytes.push(to | 5);
                let at = self.bytes.len();
                self.bytes.extend([0; 4]);
                self.waiting.push((at, at + 4 + usize::from(immediate.is_some()), number));
            }
        }
        self.bytes.extend(immediate);
    }

    /// Loads an address of the table.
    pub fn load_address(&mut self, to: Gpr, at: i32) {
        self.bytes.extend([0x48 | to.0 >> 3 << 2, 0x8B, 2 << 6 | (to.0 & 7) << 3 | RDI.0]);
        self.bytes.extend(at.to_le_bytes());
    }

    /// Saves the registers of the caller and takes room for vectors; how many bytes is to be written where it says.
    pub fn enter(&mut self, saved: &[Gpr]) -> usize {
        self.bytes.push(0x55); // push rbp
        self.bytes.extend([0x48, 0x89, 0xE5]); // mov rbp, rsp
        for register in saved {
            if register.0 >= 8 {
                self.bytes.push(0x41);
            }
            self.bytes.push(0x50 | register.0 & 7); // push
        }
        self.bytes.extend([0x48, 0x83, 0xE4, 0xC0]); // and rsp, -64
        self.bytes.extend([0x48, 0x81, 0xEC]); // sub rsp, room
        let room = self.bytes.len();
        self.bytes.extend([0; 4]);
        self.bytes.extend([0x31, 0xC9]); // xor ecx, ecx
        room
    }

    /// The end of the loop that begins at `start`, and of the function.
    pub fn leave(&mut self, start: usize, step: u8, saved: &[Gpr]) {
        self.bytes.extend([0x48, 0x83, 0xC1, step]); // add rcx, step
        // The second argument, how many bytes the loop goes.
        self.bytes.extend([0x48, 0x39, 0xF1]); // cmp rcx, rsi
        let back = start as i64 - (self.bytes.len() as i64 + 6);
        self.bytes.extend([0x0F, 0x82]); // jb
        self.bytes.extend((back as i32).to_le_bytes());
        if self.length != Length::One {
            self.bytes.extend([0xC5, 0xF8, 0x77]); // vzeroupper
        }
        self.bytes.extend([0x48, 0x8D, 0x65, (saved.len() as u8 * 8).wrapping_neg()]); // lea rsp, [rbp - saved]
        for register in saved.iter().rev() {
            if register.0 >= 8 {
                self.bytes.push(0x41);
            }
            self.bytes.push(0x58 | register.0 & 7); // pop
        }
        self.bytes.extend([0x5D, 0xC3]); // pop rbp, ret
    }

    /// Writes the code's own numbers behind it, and where they are into the instructions that read them; `vector` writes one
    /// spread out.
    pub fn settle(&mut self, vector: impl Fn(Pool, &mut Vec<u8>)) {
        let mut places: Vec<(Pool, usize)> = Vec::new();
        for (at, end, number) in std::mem::take(&mut self.waiting) {
            let place = match places.iter().find(|(other, _)| *other == number) {
                Some((_, place)) => *place,
                None => {
                    self.bytes.resize(self.bytes.len().next_multiple_of(64), 0);
                    let place = self.bytes.len();
                    vector(number, &mut self.bytes);
                    places.push((number, place));
                    place
                }
            };
            let far = (place as i64 - end as i64) as i32;
            self.bytes[at..at + 4].copy_from_slice(&far.to_le_bytes());
        }
    }
}
