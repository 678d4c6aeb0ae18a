//! Custom checks of a policy: compiled here, judged in `custom::judge`.
//!
//! Each becomes a check in force under its own name: one rule for all of them, whose parameters are the definition.
//! Not its job: CEL (`cel`), or which objects are there to be looked at (`model`).

mod judge;

use std::collections::BTreeSet;

use crate::api::{CustomCheck, WorkloadKind, kinds_message};
use crate::cel::{CelError, Compiler, Program, Type};
use crate::engine::{Catalogue, Definition, InForce, ParamValue};
use crate::model::{BEHELD, Beheld, DeclaredKind, Keep, Kind, Needs, Text};

use super::resolve::PolicyError;

/// What the results of attestations are called.
const ATTESTATIONS: &str = "attestation-";
/// What is no workload, and can be judged all the same.
const NAMESPACE: &str = "Namespace";

/// A custom check, ready to be asked.
#[derive(Debug)]
struct Compiled {
    /// The kinds that it judges, by name; none for all workloads.
    kinds: Vec<String>,
    when: Option<Expression>,
    expression: Expression,
    message: String,
    message_expression: Option<Expression>,
    remediation: String,
    title: String,
}

/// An expression of a definition.
#[derive(Debug)]
struct Expression {
    /// The field that it stands in.
    field: &'static str,
    program: Program,
    /// It speaks of the status of objects, which is kept only for those who do.
    status: bool,
}

/// The custom checks of a policy, and what they need to see.
pub(super) fn resolve(
    written: &[CustomCheck],
    declared: &[WorkloadKind],
    kinds: &[DeclaredKind],
    catalogue: &Catalogue,
    errors: &mut Vec<PolicyError>,
) -> (Vec<InForce>, Needs) {
    let (mut in_force, mut needs, mut seen) = (Vec::new(), Needs::default(), BTreeSet::new());
    let mut compiler = Compiler::new(BEHELD.iter().map(|(name, _)| *name));
    for (index, check) in written.iter().enumerate() {
        let mut wrong = |field: &str, what: String| {
            errors.push(PolicyError::Custom { index, field: field.to_owned(), what });
        };
        if let Some(what) = name_error(&check.name, catalogue) {
            wrong("name", what);
        } else if !seen.insert(&check.name) {
            wrong("name", format!("'{}' stands twice; give one of them another name", check.name));
        }
        for (at, kind) in check.applies_to.kinds.iter().enumerate() {
            if let Some(what) = kind_error(kind, declared) {
                wrong(&format!("appliesTo.kinds[{at}]"), what);
            }
        }
        match compile(check, &mut compiler) {
            Ok(compiled) => {
                compiled.add_needs(kinds, &mut needs);
                let definition = serde_json::to_string(check).unwrap_or_default();
                in_force.push(InForce {
                    check: &judge::CHECK,
                    name: Some(Text::new(&check.name)),
                    severity: Some(check.severity),
                    params: ParamValue::prepared(compiled, &definition),
                });
            }
            Err((field, error)) => wrong(field, error.to_string()),
        }
    }
    (in_force, needs)
}

fn name_error(name: &str, catalogue: &Catalogue) -> Option<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_label = !name.is_empty()
        && name.len() <= 63
        && name.chars().all(fits)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if !is_label {
        return Some(format!("'{name}' is no DNS label: lower-case letters, digits and '-', at most 63"));
    }
    let taken = catalogue.get(name).is_some() || name.starts_with(ATTESTATIONS);
    taken.then(|| format!("'{name}' is the name of something else; give the check another"))
}

fn kind_error(kind: &str, declared: &[WorkloadKind]) -> Option<String> {
    let known = Kind::judged().map(|name: &str| name);
    let mut names = known.chain(declared.iter().map(|declared| declared.kind.as_str()));
    if names.clone().any(|name| name == kind) {
        return None;
    }
    let near = names.find(|name| strsim::osa_distance(name, kind) <= 1 + kind.len() / 4);
    let hint = near.map_or(String::new(), |name| format!("; did you mean '{name}'?"));
    Some(format!("{}; '{kind}' is none of them{hint}", kinds_message(Kind::judged())))
}

fn compile(check: &CustomCheck, compiler: &mut Compiler) -> Result<Compiled, (&'static str, CelError)> {
    let mut expression = |field, source: &str, wanted: Type| {
        let program = compiler.compile(source).map_err(|error| (field, error))?;
        if let Some(gives) = program.gives().filter(|gives| *gives != wanted) {
            let what = format!("it gives a value of type {gives}, and has to give one of type {wanted}");
            return Err((field, CelError { line: 1, column: 1, what }));
        }
        let status = program.says("status");
        Ok(Expression { field, program, status })
    };
    let mut optional = |field, source: &str, wanted| match source {
        "" => Ok(None),
        source => expression(field, source, wanted).map(Some),
    };
    let when = optional("when", &check.when, Type::Bool)?;
    let message_expression = optional("messageExpression", &check.message_expression, Type::String)?;
    let expression = expression("expression", &check.expression, Type::Bool)?;
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = match (check.message.trim(), check.title.trim()) {
        ("", "") => format!("this is not true: {}", one_line(&check.expression)),
        ("", title) => format!("this is not met: {title}"),
        (message, _) => one_line(message),
    };
    Ok(Compiled {
        kinds: check.applies_to.kinds.clone(),
        when,
        expression,
        message,
        message_expression,
        remediation: one_line(&check.remediation),
        title: one_line(&check.title),
    })
}

impl Compiled {
    /// What it says to people.
    fn definition(&self) -> Definition {
        let title = match self.title.as_str() {
            "" => self.message.clone(),
            title => title.to_owned(),
        };
        let indented = |expression: &Expression| textwrap::indent(expression.program.source().trim(), "    ");
        let mut how_to_fix = match self.remediation.as_str() {
            "" => String::new(),
            remediation => format!("{remediation}\n\n"),
        };
        how_to_fix.push_str(&format!("The policy asks for this to be true:\n{}", indented(&self.expression)));
        if let Some(when) = &self.when {
            how_to_fix.push_str(&format!("\nwhere this is true:\n{}", indented(when)));
        }
        Definition { title, how_to_fix }
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        [Some(&self.expression), self.when.as_ref(), self.message_expression.as_ref()].into_iter().flatten()
    }

    /// Keeps the objects that it looks at.
    fn add_needs(&self, declared: &[DeclaredKind], needs: &mut Needs) {
        for expression in self.expressions() {
            let keep = Keep::with_status(expression.status);
            for (_, what) in expression.program.uses().filter_map(|number| BEHELD.get(number)) {
                match what {
                    Beheld::Subject if self.kinds.is_empty() => needs.add_workloads(keep),
                    Beheld::Subject => self.add_subjects(declared, keep, needs),
                    Beheld::Namespace => needs.add(Kind::Namespace, keep),
                    Beheld::Related(kind) => needs.add(*kind, keep),
                }
            }
        }
    }

    fn add_subjects(&self, declared: &[DeclaredKind], keep: Keep, needs: &mut Needs) {
        let known = Kind::ALL.iter().copied().filter(|kind| kind.is_workload() || *kind == Kind::Namespace);
        let kinds = known.chain(declared.iter().map(|kind| Kind::from(*kind)));
        for kind in kinds.filter(|kind| self.kinds.iter().any(|name| name == kind.name())) {
            needs.add(kind, keep);
        }
    }
}
