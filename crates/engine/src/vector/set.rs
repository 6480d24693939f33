//! Which instructions the processor has.

use std::sync::OnceLock;

/// A set of instructions for which the kernels are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InstructionSet {
    /// What every processor of the architecture has.
    Baseline,
    /// NEON, on every 64-bit Arm: 2 doubles at once.
    Neon,
    /// AVX2 and FMA: 4 doubles at once.
    Avx2,
    /// AVX-512, its instructions F and DQ: 8 doubles at once.
    Avx512,
}

impl InstructionSet {
    /// Every set, the fastest last.
    pub const ALL: [InstructionSet; 4] =
        [InstructionSet::Baseline, InstructionSet::Neon, InstructionSet::Avx2, InstructionSet::Avx512];

    /// The fastest set that this machine has; detected once.
    pub fn best() -> InstructionSet {
        static BEST: OnceLock<InstructionSet> = OnceLock::new();
        *BEST.get_or_init(|| Self::available().last().unwrap_or(InstructionSet::Baseline))
    }

    /// The sets that this machine has, the fastest last; `Baseline` is always among them.
    pub fn available() -> impl Iterator<Item = InstructionSet> {
        Self::ALL.into_iter().filter(|set| set.is_available())
    }

    /// Whether this machine has it.
    pub fn is_available(self) -> bool {
        match self {
            InstructionSet::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => {
                is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq")
            }
            #[cfg(not(target_arch = "x86_64"))]
            InstructionSet::Avx2 | InstructionSet::Avx512 => false,
            InstructionSet::Neon => cfg!(target_arch = "aarch64"),
        }
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            InstructionSet::Baseline => "baseline",
            InstructionSet::Neon => "NEON",
            InstructionSet::Avx2 => "AVX2",
            InstructionSet::Avx512 => "AVX-512",
        }
    }
}
