//! How many pods an update takes away, by the arithmetic of the controllers.

use crate::model::{Amount, IntOrString, Kind, Workload};

/// What a Deployment and an Argo Rollout have where nothing is set, for `maxUnavailable` and `maxSurge`.
const DEFAULT: Amount = Amount::Percent(25);

/// Whether the kind has the numbers of a rolling update.
pub(crate) fn is_rolled_out(kind: Kind) -> bool {
    matches!(kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::Rollout)
}

/// `maxUnavailable` as it stands there, or the default of the kind.
pub(crate) fn written(workload: &Workload) -> String {
    let default = match workload.kind {
        Kind::Deployment | Kind::Rollout => "25%",
        _ => "1",
    };
    workload.rolling.max_unavailable.as_ref().map_or_else(|| default.to_owned(), IntOrString::to_string)
}

/// The pods of a Deployment or an Argo Rollout that an update may take away before others are ready, out of
/// `replicas`; `None` when a field is neither a number nor a percentage.
pub(crate) fn unavailable(workload: &Workload, replicas: i64) -> Option<i64> {
    let numbers = &workload.rolling;
    let amount = |field: &Option<IntOrString>| field.as_ref().map_or(Some(DEFAULT), Amount::of);
    let surge = amount(&numbers.max_surge)?.rounded_up(replicas);
    let unavailable = amount(&numbers.max_unavailable)?.rounded_down(replicas);
    // Both may come to 0 by rounding; the controller then takes one away, or nothing would ever happen.
    let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable };
    Some(unavailable.min(replicas))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Decoded, decode};
    use crate::model::Record;

    fn unavailable_of(rolling: &str, replicas: i64) -> Option<i64> {
        let json =
            format!(r#"{{"metadata":{{"name":"a"}},"spec":{{"strategy":{{"rollingUpdate":{rolling}}}}}}}"#);
        let Ok(Decoded::Record(Record::Workload(workload))) = decode(Kind::Deployment, &json, "n") else {
            panic!("{json}")
        };
        unavailable(&workload, replicas)
    }

    #[test]
    fn rounds_as_the_controller_does() {
        for (rolling, replicas, expected) in [
            ("{}", 1, Some(0)),
            ("{}", 3, Some(0)),
            ("{}", 4, Some(1)),
            (r#"{"maxUnavailable":"50%"}"#, 3, Some(1)),
            (r#"{"maxUnavailable":5}"#, 3, Some(3)),
            (r#"{"maxSurge":0}"#, 3, Some(1)),
            (r#"{"maxSurge":"0%","maxUnavailable":"10%"}"#, 5, Some(1)),
            (r#"{"maxSurge":1,"maxUnavailable":0}"#, 1, Some(0)),
            (r#"{"maxUnavailable":"half"}"#, 3, None),
        ] {
            assert_eq!(unavailable_of(rolling, replicas), expected, "{rolling} of {replicas}");
        }
    }
}
