//! Which instructions the processor has.

use std::sync::OnceLock;

/// A set of instructions for which the kernels are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InstructionSet {
    /// What every processor of the architecture has.
    Baseline,
    /// AVX2 and FMA: 4 doubles at once.
    Avx2,
}

impl InstructionSet {
    /// Every set, the fastest last.
    pub const ALL: [InstructionSet; 2] = [InstructionSet::Baseline, InstructionSet::Avx2];

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
            #[cfg(not(target_arch = "x86_64"))]
            InstructionSet::Avx2 => false,
        }
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            InstructionSet::Baseline => "baseline",
            InstructionSet::Avx2 => "AVX2",
        }
    }
}
