//! That what is read line by line is what the parser of all of YAML reads, places included.

use super::super::places::Places;
use super::super::yaml::parse_any;
use super::*;

/// What a reader makes of a text: JSON and places; `None` when it is no YAML.
fn seen(node: Option<Node<'_>>) -> Option<(String, String)> {
    let node = node?;
    let mut json = String::new();
    node.write_json(&mut json);
    Some((json, format!("{:?}", Places::of(&node))))
}

/// Whether the text is read line by line; and then it is read as it should be.
fn check(text: &str) -> bool {
    let Some(node) = parse(text, 7) else { return false };
    let all = seen(parse_any(text, 7).ok().flatten());
    assert_eq!(seen(Some(node)), all, "{text}");
    true
}

const MANIFEST: &str = "# Source: shop
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  annotations:
    \"example.com/a b\": 'x: y'  # why
    empty: \"\"
  labels: {app: cart, tier: web}
spec:
  replicas: 3
  paused:
  template:
    spec:
      containers:
      - name: app
        image: registry.example.com:5000/shop/cart:1.2.3   # pinned

        args: [\"--port\", '8080', -v, [a, {b: c}]]
        command:
          - sh
          - -c
          - \"exec /app\"
        env:
        - {name: A, value: \"1\"}
        - name: B
          value: yes
      -   name: other
          image: x
          ports: []
data:
  config.yaml: |
    a: 1
      # kept

    b: [
  bare: |-
    text
  0755: 0644
  on: ~
  f: 1e3
";

#[test]
fn reads_a_manifest_as_yaml_does() {
    assert!(check(MANIFEST));
}

#[test]
fn leaves_what_is_not_simple_to_yaml() {
    for text in [
        "a: &x 1\n",
        "a: *x\n",
        "a: !!str 1\n",
        "a: >\n  x\n",
        "a: |+\n  x\n",
        "a: b: c\n",
        "a:\n  b\n",
        "a: b\n  c\n",
        "a: \"x\\n\"\n",
        "a: 'it''s'\n",
        "? a\n: b\n",
        "a: [b,\n  c]\n",
        "<<: {a: 1}\n",
        "a: \"x\n  y\"\n",
        "a:\tb\n",
        "a: ü\n",
        "- a\n",
        "a\n",
        "{a: 1}\n",
        "a: \"b\"#c\n",
        "a: [b]#c\n",
        "a: {b: c}d\n",
        "a: 1\n b: 2\n",
        " a: 1\nb: 2\n",
        "a:\n  - b\n  c: d\n",
        "a: |\n\n  x\n",
        "a: |\n    x\n  y\n",
        "a: 1",
        "%YAML 1.2\n",
        "a: 1\n...\n",
        "",
    ] {
        assert!(!check(text), "{text}");
    }
}

#[test]
fn reads_whatever_it_reads_as_yaml_does() {
    const PARTS: &[&str] = &[
        "a",
        "b: ",
        "c:",
        ":",
        ": ",
        "- ",
        "-",
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "\n  - ",
        " ",
        "  ",
        "#",
        " # x",
        "'",
        "\"",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ",",
        "|",
        "|\n",
        "|-",
        "1",
        "0x1",
        "yes",
        "null",
        "~",
        "/x",
        ".",
        "..",
        "--- ",
        "\n...",
        "a: 1\n",
        "key: value",
        "x: [a, b]",
        "y: {c: d}",
        "\\",
        "!",
        "&a ",
        "*a",
        ">",
        "%",
        "@",
        "?",
        "? ",
        "$(A)",
        "<<: ",
        "\"q\": ",
        "'r': 1",
        "\n\n",
        "=",
        "+1",
        "-1",
        "1.5",
        "\t",
        "l: |\n    t\n",
        "- - a",
    ];
    let mut draw = fastrand::Rng::with_seed(0x5ea_0017_7ea5);
    let lines: Vec<&str> = MANIFEST.split_inclusive('\n').collect();
    let mut read = 0;
    for round in 0..60_000 {
        let mut text = String::new();
        if round % 2 == 0 {
            for _ in 0..=draw.usize(..12) {
                text.push_str(PARTS[draw.usize(..PARTS.len())]);
            }
            text.push('\n');
        } else {
            // A real one with a line doubled, dropped, moved in or out, or with something put into it.
            let begin = draw.usize(..lines.len());
            let end = begin + 1 + draw.usize(..lines.len() - begin);
            for line in &lines[begin..end] {
                match draw.usize(..24) {
                    0 => {}
                    1 => text.extend([*line, *line]),
                    2 => text.extend(["  ", *line]),
                    3 => text.push_str(line.strip_prefix("  ").unwrap_or(line)),
                    4 => {
                        let at = draw.usize(..line.len());
                        let (before, behind) = line.split_at(at);
                        text.extend([before, PARTS[draw.usize(..PARTS.len())], behind]);
                    }
                    _ => text.push_str(line),
                }
            }
        }
        read += usize::from(check(&text));
    }
    assert!(read > 5_000, "only {read} were read");
}
