//! The rows that normal forms themselves speak of.

use agnesi_functions::{FunctionId, find};
use std::sync::LazyLock;

macro_rules! known {
    ($($name:ident)*) => {
        /// Ids of the rows that normal forms speak of.
        #[derive(Clone, Copy)]
        pub struct Known {
            $(#[doc = concat!("The row `", stringify!($name), "`.")] pub $name: FunctionId,)*
        }
        impl Known {
            fn find() -> Known {
                // A name that is missing from the table is a fault of the table, which its own test reports; an id
                // that no call can have keeps the normal forms from speaking of it.
                Known { $($name: find(stringify!($name)).unwrap_or(FunctionId(u16::MAX)),)* }
            }
        }
    };
}

known! {
    exp log pow sqrt cbrt root abs sign step relu sigmoid softplus log1p expm1 min max
    sin cos tan cot sec csc sinh cosh tanh coth sech csch factorial gamma clamp log2 log10 hypot
}

/// The rows that normal forms speak of.
pub fn known() -> &'static Known {
    static KNOWN: LazyLock<Known> = LazyLock::new(Known::find);
    &KNOWN
}
