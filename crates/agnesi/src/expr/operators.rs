//! Operators between expressions and numbers.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Expr, Kind, Operator};

impl From<&Expr> for Expr {
    fn from(expr: &Expr) -> Expr {
        expr.clone()
    }
}

impl From<f64> for Expr {
    fn from(x: f64) -> Expr {
        Expr::new(Kind::Number(x))
    }
}

impl From<i32> for Expr {
    fn from(n: i32) -> Expr {
        Expr::from(f64::from(n))
    }
}

impl Neg for Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        Expr::new(Kind::Neg(self))
    }
}

impl Neg for &Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        -self.clone()
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $operator:ident) => {
        impl<T: Into<Expr>> $trait<T> for Expr {
            type Output = Expr;
            fn $method(self, other: T) -> Expr {
                Expr::new(Kind::Binary(Operator::$operator, self, other.into()))
            }
        }

        impl<T: Into<Expr>> $trait<T> for &Expr {
            type Output = Expr;
            fn $method(self, other: T) -> Expr {
                self.clone().$method(other)
            }
        }

        operator!($trait, $method, f64, Expr);
        operator!($trait, $method, f64, &Expr);
        operator!($trait, $method, i32, Expr);
        operator!($trait, $method, i32, &Expr);
    };
    ($trait:ident, $method:ident, $number:ty, $expr:ty) => {
        impl $trait<$expr> for $number {
            type Output = Expr;
            fn $method(self, other: $expr) -> Expr {
                Expr::from(self).$method(other)
            }
        }
    };
}

operator!(Add, add, Add);
operator!(Sub, sub, Sub);
operator!(Mul, mul, Mul);
operator!(Div, div, Div);
