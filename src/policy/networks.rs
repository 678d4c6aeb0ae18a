//! Whether what a policy asks of NetworkPolicies makes sense: what the API server refuses, for those who ask offline.
//!
//! Not its job: by which rules any are made (`remedy::network_policy`).

use crate::api::{NetworkPolicyRemediation, NetworkPreset, RemediationMode};
use crate::engine::selector;

/// Whether any are asked for.
pub(super) fn asks(ask: &NetworkPolicyRemediation) -> bool {
    ask.mode != RemediationMode::Disabled
}

/// What is wrong with it, by field.
pub(super) fn flaws(ask: &NetworkPolicyRemediation) -> Vec<String> {
    let has = |preset| ask.has(preset);
    let mut flaws = Vec::new();
    if asks(ask) && !has(NetworkPreset::DenyIngress) && !has(NetworkPreset::DenyEgress) {
        flaws.push(
            "presets: must include 'DenyIngress' or 'DenyEgress' unless mode is 'Disabled', as nothing has to be allowed \
             where nothing is denied"
                .to_owned(),
        );
    }
    if has(NetworkPreset::DenyEgress) && !has(NetworkPreset::AllowDns) {
        flaws.push("presets: must include 'AllowDNS' when 'DenyEgress' is included".to_owned());
    }
    if has(NetworkPreset::AllowFromNamespaces) == ask.allow_from_namespaces.is_empty() {
        flaws.push(
            "allowFromNamespaces: must be given when, and only when, presets include 'AllowFromNamespaces'"
                .to_owned(),
        );
    }
    let invalid = ask.allow_from_namespaces.iter().map(selector).enumerate().filter(|(_, s)| s.is_invalid());
    flaws.extend(
        invalid
            .map(|(index, _)| format!("allowFromNamespaces[{index}]: selects nothing, as it is not valid")),
    );
    flaws
}
