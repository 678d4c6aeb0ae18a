//! Judges a subject by a custom check. What goes wrong is `Unknown`, with the place in the expression.

use std::collections::BTreeMap;

use schemars::Schema;
use serde_json::Value as Json;

use super::{Compiled, Expression, NAMESPACE};
use crate::api::{Category, Level, Severity};
use crate::cel::{Scope as Variables, Value};
use crate::engine::{
    Check, Context, Definition, Finding, ParamError, ParamValue, Rule, Scope, Sees, Subject, Verdict,
};
use crate::model::{BEHELD, Beheld, Workload};

/// What all custom checks are: everything else stands in their definitions, which are the parameters.
pub(super) static CHECK: Check = Check {
    id: "custom-check",
    title: "What the policy's own expression asks for",
    category: Category::Configuration,
    severity: Severity::Medium,
    profile: Level::None,
    sees: Sees::Related,
    sources: &[],
    remediation: "Read the policy that defines the check.",
    rule: &Custom,
    page: "",
};

struct Custom;

impl Rule for Custom {
    fn judges(&self, _: Scope) -> bool {
        true
    }

    fn judges_with(&self, scope: Scope, params: &ParamValue) -> bool {
        params.get::<Compiled>().is_some_and(|check| match scope {
            Scope::Namespace => check.kinds.iter().any(|kind| kind == NAMESPACE),
            Scope::Workload => check.kinds.is_empty() || check.kinds.iter().any(|kind| kind != NAMESPACE),
        })
    }

    fn defined_by(&self, params: &ParamValue) -> Option<Definition> {
        params.get::<Compiled>().map(Compiled::definition)
    }

    fn judge(&self, cx: &Context<'_>, params: &ParamValue, subject: Subject<'_>) -> Verdict {
        let Some(check) = params.get::<Compiled>() else {
            return Verdict::unknown(
                "internal error: a custom check was asked with another check's parameters",
            );
        };
        check.judge(cx, subject).unwrap_or_else(Verdict::unknown)
    }

    fn parse(&self, _: &BTreeMap<String, Json>) -> Result<ParamValue, ParamError> {
        let reason = "a custom check has a definition and no parameters".to_owned();
        Err(ParamError { field: String::new(), reason })
    }

    fn schema(&self) -> BTreeMap<String, Schema> {
        BTreeMap::new()
    }
}

impl Compiled {
    fn judge(&self, cx: &Context<'_>, subject: Subject<'_>) -> Result<Verdict, String> {
        if let Subject::Workload(workload) = subject
            && !self.kinds.is_empty()
            && !self.kinds.iter().any(|kind| kind == workload.kind.name())
        {
            return Ok(Verdict::not_applicable(format!("the check is for {}", self.kinds.join(", "))));
        }
        if let Some(when) = &self.when
            && !when.truth(cx, subject)?
        {
            return Ok(Verdict::not_applicable("the check's own condition 'when' is false"));
        }
        if self.expression.truth(cx, subject)? {
            return Ok(Verdict::Pass);
        }
        let mut message = self.message(cx, subject);
        if !self.remediation.is_empty() {
            message = format!("{}; {}", message.trim_end_matches('.'), self.remediation);
        }
        Ok(Verdict::fail(Finding::new(message)))
    }

    /// That the message cannot be worded is no reason not to say that the check fails.
    fn message(&self, cx: &Context<'_>, subject: Subject<'_>) -> String {
        let Some(expression) = &self.message_expression else { return self.message.clone() };
        let said = expression.run(cx, subject, |value| match value.as_text() {
            Some(text) => Ok(text.split_whitespace().collect::<Vec<_>>().join(" ")),
            None => Err(format!("it gives a value of type {}, not a string", value.type_of())),
        });
        match said {
            Ok(text) if !text.is_empty() => text,
            Ok(_) => self.message.clone(),
            Err(why) => format!("{} ({why})", self.message),
        }
    }
}

impl Expression {
    fn truth(&self, cx: &Context<'_>, subject: Subject<'_>) -> Result<bool, String> {
        self.run(cx, subject, |value| match value {
            Value::Bool(truth) => Ok(*truth),
            other => Err(format!("it gives a value of type {}, not a bool", other.type_of())),
        })
    }

    /// Hands its value on, or says what is wrong and where.
    fn run<T>(
        &self,
        cx: &Context<'_>,
        subject: Subject<'_>,
        read: impl FnOnce(&Value<'_>) -> Result<T, String>,
    ) -> Result<T, String> {
        let workload = match subject {
            Subject::Workload(workload) => Some(workload),
            Subject::Namespace => None,
        };
        let view = View { cx, workload, status: self.status };
        let said = self.program.run(&&view).map_err(|error| error.to_string()).and_then(|value| read(&value));
        said.map_err(|why| format!("'{}' cannot be evaluated: {why}", self.field))
    }
}

/// The objects as one expression sees them.
struct View<'v, 'i> {
    cx: &'v Context<'i>,
    workload: Option<&'v Workload>,
    status: bool,
}

impl<'v> Variables<'v> for &'v View<'v, '_> {
    fn variable(&self, number: usize) -> Result<Value<'v>, String> {
        let objects = self.cx.behold(self.workload, number, self.status)?;
        match (BEHELD.get(number), objects) {
            (Some((_, Beheld::Subject | Beheld::Namespace)), [object]) => Ok(Value::from(object)),
            (_, objects) => Ok(Value::objects(objects)),
        }
    }
}
