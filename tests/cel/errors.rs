//! What is said of expressions that cannot be compiled, or have no value: where, and what.

use super::run;

/// Each, and what is said of it.
const WRONG: &[(&str, &str)] = &[
    // What cannot be compiled.
    ("", "1:1: a value is expected here, not the end"),
    ("1 +", "1:4: a value is expected here, not the end"),
    ("(1", "1:3: ')' is expected here, not the end"),
    ("1 2", "1:3: the end is expected here, not '2'"),
    ("[1, 2", "1:6: ']' is expected here, not the end"),
    ("{1}", "1:3: ':' is expected here, not '}'"),
    ("true ? 1", "1:9: ':' is expected here, not the end"),
    ("'abc", "1:1: a text has no end"),
    ("'a\nb'", "1:1: a text has no end on its line; three quotes hold several lines"),
    ("1 # 2", "1:3: '#' means nothing here"),
    ("1 = 2", "1:3: '=' means nothing here"),
    ("object.", "1:8: the name of a field or function is expected here, not the end"),
    ("object.in", "1:8: the name of a field or function is expected here, not 'in'"),
    ("1a", "1:1: a number runs into a name"),
    ("99999999999999999999", "1:1: 99999999999999999999 does not fit into 64 bits"),
    (r"'\q'", r"1:1: '\q' is no escape"),
    ("objct.spec", "1:1: there is no variable 'objct'; did you mean 'object'?"),
    ("x", "1:1: there is no variable 'x'; there are object, related.services"),
    ("related.service", "1:1: there is no variable 'related.service'; did you mean 'related.services'?"),
    ("related", "1:1: there is no variable 'related'; there are object, related.services"),
    ("object.spec.foo(1)", "1:13: there is no function 'foo'"),
    ("siz([])", "1:1: there is no function 'siz'; did you mean 'size'?"),
    ("'a'.contains('b', 'c')", "1:5: 'contains' takes 1 argument, not 2"),
    ("[1].map(x + 1, x)", "1:11: ',' is expected here, not '+'"),
    ("[1].map(1, x)", "1:9: the name that 'map' gives each item is expected here, not '1'"),
    ("[1].all(i, i, true)", "1:12: both variables of 'all' are called 'i'"),
    ("[1].map(x, x) + x", "1:17: there is no variable 'x'; there are object, related.services"),
    ("[1].map(if, 1)", "1:9: the name that 'map' gives each item is expected here, not 'if'"),
    ("if", "1:1: 'if' is a reserved word"),
    ("has(object)", "1:1: has() asks for a field; this is a variable, which is always there"),
    ("has(1 + 1)", "1:1: has() asks for a field, such as has(object.spec.replicas)"),
    ("'a'.matches('(')", "1:13: this is no regular expression: unclosed group"),
    ("Foo{a: 1}", "1:1: there is no variable 'Foo'; there are object, related.services"),
    ("-!true", "1:2: a value is expected here, not '!'"),
    // What has no value.
    ("object.spec.replica", "1:13: there is no key 'replica'; has() or .? asks whether there is one"),
    (
        "true &&\n  object.metadata.labels['team'] == 'a'",
        "2:25: there is no key 'team'; has() or .? asks whether there is one",
    ),
    ("object.kind.name", "1:13: a string has no field 'name'"),
    ("object.spec.paused.foo", "1:20: null has no field 'foo'"),
    ("[1, 2][2]", "1:7: the list has 2 items, and none at this place"),
    ("[1]['a']", "1:4: a string is no place in a list"),
    ("1 / 0", "1:3: division by zero"),
    ("9223372036854775807 + 1", "1:21: the result does not fit into 64 bits"),
    ("1 + 'a'", "1:3: '+' is not for (int, string)"),
    ("1 < 'a'", "1:3: '<' is not for (int, string)"),
    ("!1", "1:1: '!' is not for (int)"),
    ("1 ? 2 : 3", "1:3: a bool is wanted before '?', not an int"),
    ("true && 1", "1:9: a bool is wanted here, not an int"),
    ("'a'.contains(1)", "1:5: 'contains' is not for (string, int)"),
    ("object.spec.exists(x, 1 / 0 > 0)", "1:25: division by zero"),
    ("[1].all(x, x)", "1:12: a bool is wanted here, not an int"),
    ("1.map(x, x)", "1:3: a list or a map is wanted here, not an int"),
    ("size(1)", "1:1: 'size' is not for (int)"),
    ("int('a')", "1:1: 'a' is no int"),
    ("quantity('1 apple')", "1:1: '1 apple' is no quantity such as '500m' or '1Gi'"),
    ("optional.none().value()", "1:17: the optional value is not there; orValue(...) says what then"),
    ("'a'.matches(object.kind + '(')", "1:5: this is no regular expression: unclosed group"),
    ("{1.5: 2}", "1:2: a double is no key of a map"),
    ("'%d'.format(['a'])", "1:6: '%d' is for whole numbers, not for a string"),
    ("[1, 'a'].sort()", "1:10: only texts, numbers, truths and times, all of one type, can be sorted"),
];

#[test]
fn what_is_wrong_is_said_where_it_is() {
    let mut wrong = Vec::new();
    for (source, wanted) in WRONG {
        let said = run(source, |value| format!("{value:?}"))
            .map_or_else(|error| error.to_string(), |v| format!("is {v}"));
        if said != *wanted {
            wrong.push(format!("{source:?}\n  says   {said}\n  wanted {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
