//! What expressions are worth. Each line of a table is true.

use seaworthy::cel::Value;

use super::run;

fn all_are_true(table: &[&str]) {
    let mut wrong = Vec::new();
    for source in table {
        let said = run(source, |value| match value {
            Value::Bool(true) => None,
            other => Some(format!("is {other:?}")),
        });
        wrong.extend(
            said.unwrap_or_else(|error| Some(error.to_string())).map(|said| format!("{source}: {said}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn operators() {
    all_are_true(&[
        "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 / 2 == 3 && -7 % 3 == -1 && 2 - 3 - 4 == -5",
        "1u + 2u == 3u && 1.5 * 2.0 == 3.0 && 1 == 1.0 && 1u == 1 && 1 < 1.5 && 2u > 1",
        "!(1 == '1') && 1 != '1' && null == null && null != 0",
        "'a' + 'b' == 'ab' && [1] + [2] == [1, 2] && b'a' + b'b' == b'ab'",
        "'a' < 'b' && !('B' > 'a') && 'é' > 'z' && false < true",
        "true ? true : 1 / 0 == 1",
        "false && 1 / 0 == 1 ? false : true",
        "!(1 / 0 == 1 && false) && (1 / 0 == 1 || true)",
        "2 in [1, 2] && !(3 in [1, 2]) && 'a' in {'a': 1} && 1.0 in [1]",
        "[1, [2, 'x']] == [1, [2, 'x']] && {'a': [1]} == {'a': [1]} && {'a': 1} != {'b': 1}",
        "{1: 'a'}[1u] == 'a' && {true: 1}[true] == 1 && {'a': 1}.a == 1 && [1, 2][1] == 2",
        "!!true && --1 == 1 && -(-1) == 1",
        "1 < 2 == true",
        "double('NaN') != double('NaN')",
        "  // a comment\n true // another",
        "0x10 == 16 && .5 == 0.5 && 1e2 == 100.0",
    ]);
}

#[test]
fn fields_and_what_is_not_there() {
    all_are_true(&[
        "object.spec.replicas == 3 && object.spec.ratio == 0.5 && object.spec.paused == null",
        "has(object.spec.replicas) && !has(object.spec.foo) && has(object.spec.paused)",
        "has(object.metadata.labels) && !has(object.kind.foo)",
        "object.metadata.labels['example.com/team'] == 'a' && object.metadata.labels.`example.com/team` == 'a'",
        "object.metadata.namespace == 'shop'",
        "object.?spec.?replicas.orValue(0) == 3 && object.?spec.?foo.orValue(7) == 7",
        "object.?spec.foo.bar.orValue('none') == 'none' && !object.?spec.?foo.hasValue()",
        "object[?'kind'] == optional.of('Deployment') && [1][?3] == optional.none()",
        "object.?nothing.or(object.?kind).value() == 'Deployment'",
        "object.?kind.orValue(1 / 0) == 'Deployment'",
        "object.?kind.optMap(k, k + '!') == optional.of('Deployment!')",
        "object.?nothing.optMap(k, k + '!').orValue('-') == '-'",
        "optional.of([1]).optFlatMap(l, l[?0]).orValue(2) == 1",
        "[1, ?object.?nothing, ?object.?kind] == [1, 'Deployment'] && {?'a': object.?nothing} == {}",
        "optional.ofNonZeroValue('') == optional.none() && optional.ofNonZeroValue('a').hasValue()",
        "related.services.size() == 1 && related.services[0].spec.ports[0].port == 80",
    ]);
}

#[test]
fn macros() {
    all_are_true(&[
        "[1, 2, 3].all(x, x > 0) && ![1, 2, 3].all(x, x > 1) && [].all(x, false)",
        "[1, 2, 3].exists(x, x > 2) && ![].exists(x, true)",
        "[1, 2, 3].exists_one(x, x > 2) && ![2, 3].existsOne(x, x > 1)",
        "[1, 2, 3].map(x, x * 2) == [2, 4, 6] && [1, 2, 3].map(x, x > 1, x * 2) == [4, 6]",
        "[1, 2, 3].filter(x, x != 2) == [1, 3]",
        "{'a': 1, 'b': 2}.map(k, k) == ['a', 'b'] && {'a': 1}.all(k, k == 'a')",
        "{'a': 1}.exists(k, v, k == 'a' && v == 1) && [5, 6].all(i, x, x == i + 5)",
        "[5, 6].transformList(i, x, i * x) == [0, 6] && {'a': 1}.transformMap(k, v, v + 1) == {'a': 2}",
        "{'a': 1, 'b': 2}.transformMap(k, v, v > 1, k) == {'b': 'b'}",
        "[[1, 2], [3]].map(x, x.map(y, y + x[0])) == [[2, 3], [6]]",
        "[1, 2].map(object, object) == [1, 2] && [1].map(x, [2].map(x, x)) == [[2]]",
        // What fails in one item is no matter where another decides.
        "[0, 1].exists(x, 1 / x == 1) && ![0, 1].all(x, 1 / x > 1)",
        "object.spec.template.spec.containers.map(c, c.name) == ['app', 'log']",
        "object.spec.template.spec.containers.filter(c, !has(c.resources)).map(c, c.name) == ['log']",
        "[{'n': 3}, {'n': 1}].sortBy(x, x.n).map(x, x.n) == [1, 3]",
        "[1].map(x, .object.kind)[0] == 'Deployment' && [1].all(object, .object.kind == 'Deployment')",
    ]);
}

#[test]
fn functions_of_texts() {
    all_are_true(&[
        "size('añb') == 3 && 'abc'.size() == 3 && size([1]) == 1 && size({'a': 1}) == 1",
        "'shop/api:1'.startsWith('shop/') && 'a.b'.endsWith('.b') && 'abc'.contains('b')",
        "'v1.2.3'.matches('^v[0-9]+') && matches('a', 'a|b') && !'x'.matches('^$')",
        "'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c']",
        "'abc'.split('') == ['a', 'b', 'c'] && ''.split(',') == [''] && 'ab'.split('', 1) == ['ab']",
        "['a', 'b'].join('-') == 'a-b' && ['a', 'b'].join() == 'ab' && [].join(',') == ''",
        "'ÀB'.lowerAscii() == 'Àb' && 'ab'.upperAscii() == 'AB' && ' \\n a '.trim() == 'a'",
        "'hello'.replace('l', 'L') == 'heLLo' && 'hello'.replace('l', 'L', 1) == 'heLlo'",
        "'hello'.indexOf('l') == 2 && 'hello'.lastIndexOf('l') == 3 && 'a'.indexOf('b') == -1",
        "'hello'.indexOf('l', 3) == 3 && 'hello'.lastIndexOf('l', 2) == 2 && 'añb'.indexOf('b') == 2",
        "'añb'.charAt(1) == 'ñ' && 'a'.charAt(1) == '' && 'añb'.substring(1) == 'ñb'",
        "'hello'.substring(1, 3) == 'el'",
        "'%s has %d of %s'.format(['a', 2, [1.5, 'x']]) == 'a has 2 of [1.500000, \"x\"]'",
        "'%.2f %x %X %b %o %%'.format([1234.567, 255, 'az', 5, 8]) == '1,234.57 ff 617A 101 10 %'",
        "strings.quote('a\"b') == '\"a\\\\\"b\"'",
        "'abc 123'.find('[0-9]+') == '123' && 'a'.find('b') == '' && 'a1b22'.findAll('[0-9]+') == ['1', '22']",
        "'a1b22'.findAll('[0-9]+', 1) == ['1']",
    ]);
}

#[test]
fn functions_of_lists_and_sets() {
    all_are_true(&[
        "[1, 2].isSorted() && ![2, 1].isSorted() && [1, 2].sum() == 3 && [].sum() == 0",
        "[3, 1, 2].min() == 1 && ['a', 'b'].max() == 'b' && [1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2",
        "[1, 2, 3].slice(1, 3) == [2, 3] && [1, [2, [3]]].flatten() == [1, 2, [3]] && [[[1]]].flatten(2) == [1]",
        "[1, 1, 'a', 1.0].distinct() == [1, 'a'] && [1, 2].reverse() == [2, 1] && [2, 1].sort() == [1, 2]",
        "lists.range(3) == [0, 1, 2] && [1].first() == optional.of(1) && [].last() == optional.none()",
        "sets.contains([1, 2], [1]) && sets.equivalent([1, 1], [1]) && sets.intersects([1], [1, 2])",
        "!sets.contains([1], [1, 2]) && !sets.intersects([1], [2])",
    ]);
}

#[test]
fn conversions_quantities_and_times() {
    all_are_true(&[
        "int('42') == 42 && int(3.9) == 3 && int(5u) == 5 && uint(5) == 5u && double('1.5') == 1.5 && double(1) == 1.0",
        "string(1) == '1' && string(1.5) == '1.5' && string(true) == 'true' && string(b'a') == 'a'",
        "bool('true') && !bool('0') && bytes('a') == b'a' && dyn(1) == 1",
        "type(1) == int && type('a') == string && type([]) == list && type({}) == map && type(null) == null_type",
        "type(type(1)) == type && type(1) != type(1u)",
        "quantity('1Gi').isGreaterThan(quantity('1000Mi')) && quantity('500m').isLessThan(quantity('1'))",
        "quantity('1k').add(24).compareTo(quantity('1024')) == 0 && quantity('2').sub(quantity('1')) == quantity('1')",
        "quantity('1k').asInteger() == 1000 && !quantity('500m').isInteger() && quantity('500m').asApproximateFloat() == 0.5",
        "isQuantity('1Ei') && !isQuantity('1K') && quantity('-1').sign() == -1 && quantity(2) == quantity('2')",
        "quantity(object.spec.template.spec.containers[0].resources.limits.memory).isGreaterThan(quantity('512Mi'))",
        "duration('1h30m') == duration('90m') && duration('1h') + duration('1m') > duration('1h')",
        "string(duration('1.5s')) == '1.5s' && duration('2m').getSeconds() == 120",
        "timestamp('2026-01-31T12:00:00Z') - timestamp('2026-01-31T11:00:00+00:00') == duration('1h')",
        "timestamp('2026-01-31T12:00:00Z').getFullYear() == 2026 && timestamp('2026-01-31T12:00:00Z').getMonth() == 0",
        "timestamp('2026-01-31T23:30:00Z').getHours('+02:00') == 1 && timestamp('2026-01-31T12:00:00Z').getDate() == 31",
        "string(timestamp('2026-01-31T12:00:00Z') + duration('24h')) == '2026-02-01T12:00:00Z'",
    ]);
}
