//! Numbers: their arithmetic, which never wraps, and their order across types.

use std::cmp::Ordering;

use super::ast::Operator;
use super::error::Problem;
use super::value::Value;

/// Which of two numbers is the smaller; `None` where one is none.
#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of two types are compared as Kubernetes does: as doubles"
)]
pub(super) fn compare(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Uint(a), Value::Uint(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Uint(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Value::Uint(a), Value::Int(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
        (Value::Double(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Value::Double(a), Value::Uint(b)) => a.partial_cmp(&(*b as f64)),
        (Value::Int(a), Value::Double(b)) => (*a as f64).partial_cmp(b),
        (Value::Uint(a), Value::Double(b)) => (*a as f64).partial_cmp(b),
        _ => None,
    }
}

/// What an operator makes of two numbers of one type; `None` where they are not that.
pub(super) fn combine<'e>(
    operator: Operator,
    a: &Value<'_>,
    b: &Value<'_>,
) -> Option<Result<Value<'e>, Problem>> {
    let value = match (a, b) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0))
            if matches!(operator, Operator::Divide | Operator::Modulo) =>
        {
            return Some(Problem::wrong("division by zero"));
        }
        (Value::Int(a), Value::Int(b)) => match operator {
            Operator::Add => a.checked_add(*b),
            Operator::Subtract => a.checked_sub(*b),
            Operator::Multiply => a.checked_mul(*b),
            Operator::Divide => a.checked_div(*b),
            Operator::Modulo => a.checked_rem(*b),
            _ => return None,
        }
        .map(Value::Int),
        (Value::Uint(a), Value::Uint(b)) => match operator {
            Operator::Add => a.checked_add(*b),
            Operator::Subtract => a.checked_sub(*b),
            Operator::Multiply => a.checked_mul(*b),
            Operator::Divide => a.checked_div(*b),
            Operator::Modulo => a.checked_rem(*b),
            _ => return None,
        }
        .map(Value::Uint),
        (Value::Double(a), Value::Double(b)) => Some(Value::Double(match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            _ => return None,
        })),
        _ => return None,
    };
    Some(value.ok_or_else(|| Problem::Wrong("the result does not fit into 64 bits".to_owned())))
}
