//! How long a preStop hook sleeps.

use super::shell::{base, is_shell, script};
use crate::model::{Exec, Handler};

/// The seconds that a hook sleeps, a fraction rounded up; `None` when it does not, or nobody can tell.
pub(crate) fn seconds(hook: &Handler) -> Option<u64> {
    match (&hook.sleep, &hook.exec) {
        (Some(sleep), _) => Some(u64::try_from(sleep.seconds).unwrap_or(0)),
        (None, Some(exec)) => of_command(exec),
        (None, None) => None,
    }
}

/// Whether a hook does nothing but sleep for no time at all.
pub(crate) fn is_idle(hook: &Handler) -> bool {
    let only_sleeps = match (&hook.sleep, &hook.exec) {
        (Some(_), _) => true,
        (None, Some(exec)) => exec.command.first().is_some_and(|program| base(program) == "sleep"),
        (None, None) => false,
    };
    only_sleeps && seconds(hook) == Some(0)
}

fn of_command(exec: &Exec) -> Option<u64> {
    let words: Vec<&str> = exec.command.iter().map(|word| word.as_str()).collect();
    let (program, arguments) = words.split_first()?;
    if !is_shell(program) {
        return of_sleep(&words);
    }
    // busybox is both a shell and what it is told to be.
    if let Some(seconds) = of_sleep(arguments) {
        return Some(seconds);
    }
    of_script(script(&words)?)
}

/// `sleep 1m 5s`; `None` when it is another command or an amount that only a shell knows.
fn of_sleep(words: &[&str]) -> Option<u64> {
    let (program, amounts) = words.split_first()?;
    if base(program) != "sleep" || amounts.is_empty() {
        return None;
    }
    let millis = amounts.iter().try_fold(0_u64, |sum, amount| sum.checked_add(millis(amount)?))?;
    Some(millis.div_ceil(1000))
}

fn millis(amount: &str) -> Option<u64> {
    let (number, unit) = match amount.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(number) => (number, amount.chars().next_back()?),
        None => (amount, 's'),
    };
    let unit: u64 = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => 1,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let thousandths: u64 = thousandths.parse().ok()?;
    whole.checked_mul(1000)?.checked_add(thousandths)?.checked_mul(unit)
}

/// The sleeps of a script that certainly follow one another: what stands behind a condition or in the background
/// is not counted, as it may not be waited for.
fn of_script(script: &str) -> Option<u64> {
    let mut total = None;
    let mut rest = script;
    while !rest.is_empty() {
        let end = rest.find([';', '&', '|', '\n']).unwrap_or(rest.len());
        let (command, after) = rest.split_at_checked(end)?;
        let words: Vec<&str> = command.split_whitespace().collect();
        let words = match words.as_slice() {
            ["exec", words @ ..] => words,
            words => words,
        };
        if words.first().is_some_and(|word| CONTROL.contains(word)) || command.contains(['(', '{']) {
            break;
        }
        let in_background = after.starts_with('&') && !after.starts_with("&&");
        if let Some(seconds) = of_sleep(words).filter(|_| !in_background) {
            total = Some(total.unwrap_or(0_u64).saturating_add(seconds));
        }
        // What follows `||` runs only when this failed, which a sleep does not.
        if after.starts_with('|') {
            break;
        }
        rest = after.trim_start_matches([';', '&', '\n']);
    }
    total
}

const CONTROL: [&str; 7] = ["if", "while", "until", "for", "case", "function", "exit"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Sleep, Text};

    fn exec(command: &[&str]) -> Handler {
        let command = command.iter().map(|word| Text::new(word)).collect();
        Handler { exec: Some(Exec { command }), ..Handler::default() }
    }

    #[test]
    fn reads_the_ways_people_write_it() {
        for (command, expected) in [
            (&["sleep", "15"][..], Some(15)),
            (&["/bin/sleep", "1m", "5s"], Some(65)),
            (&["sleep", "0.5"], Some(1)),
            (&["sleep", "0"], Some(0)),
            (&["sh", "-c", "sleep 15"], Some(15)),
            (&["/bin/bash", "-ec", "sleep 10; nginx -s quit && sleep 5"], Some(15)),
            (&["busybox", "sleep", "7"], Some(7)),
            (&["/bin/sh", "-c", "exec sleep 20\n"], Some(20)),
            (&["sh", "-c", "sleep $DELAY"], None),
            (&["sh", "-c", "while pgrep nginx; do sleep 1; done"], None),
            (&["sh", "-c", "if test -f /x; then\nsleep 100\nfi"], None),
            (&["sh", "-c", "sleep 20 & wait"], None),
            (&["sh", "-c", "nginx -s quit || sleep 90"], None),
            (&["sh", "-c", "sleep 5; (sleep 60)"], Some(5)),
            (&["sh"], None),
            (&["sleep"], None),
            (&["nginx", "-s", "quit"], None),
            (&["sleep", "99999999999999999999"], None),
        ] {
            assert_eq!(seconds(&exec(command)), expected, "{command:?}");
        }
    }

    #[test]
    fn a_sleep_of_nothing_is_idle() {
        let sleep = |seconds| Handler { sleep: Some(Sleep { seconds }), ..Handler::default() };
        assert!(is_idle(&sleep(0)) && !is_idle(&sleep(5)));
        assert!(is_idle(&exec(&["sleep", "0"])) && !is_idle(&exec(&["sh", "-c", "sleep 0; nginx -s quit"])));
    }
}
