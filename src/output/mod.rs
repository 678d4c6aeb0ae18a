//! Reports to what people and machines read.
//!
//! Each format is a file. Texts that come from objects (names, images, messages) are encoded for where they go.
//! Not its job: what a report says (`report`), or where the output goes (`cli`).

mod checklists;
mod checks;
mod effective;
mod exemptions;
mod json;
mod list;
mod object;
mod policy_diff;
mod profiles;
mod remedies;
mod table;
mod terminal;
mod why;

pub use checklists::{json as checklists_json, table as checklists};
pub use checks::{explain, list as check_list, list_json as check_list_json};
pub use effective::{Asked, CheckDemand, Effective, PolicyStanding, SubjectHead, effective};
pub use exemptions::{ExemptionRow, exemptions};
pub use json::pretty;
pub use list::{json_begin, json_end, json_item, yaml_begin, yaml_item};
pub use object::object_yaml;
pub use policy_diff::{ChangesView, DiffView, FindingView, SubjectChange, policy_diff};
pub use profiles::{
    ProfileChecks, profile, profile_diff, profile_diff_json, profile_json, profiles, profiles_json,
};
pub use remedies::remedy_yaml;
pub use table::{Entry, Footer, Head, Look, Table, footer};
pub use terminal::{Style, clean};
pub use why::{WhyView, why};
