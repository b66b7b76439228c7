//! The examples of docs/wire.md, run in their order.

use crate::lab::Lab;
use crate::raw::Raw;

const PAGE: &str = include_str!("../../../../docs/wire.md");

/// A `curl` command and what it prints.
struct Example {
    words: Vec<String>,
    printed: Vec<String>,
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for block in PAGE.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap_or_default().lines() {
            match (line.strip_prefix("$ "), examples.last_mut()) {
                (Some(command), _) => examples.push(Example { words: words(command), printed: Vec::new() }),
                (None, Some(example)) => example.printed.push(line.to_owned()),
                (None, None) => panic!("output before any command: {line}"),
            }
        }
    }
    examples
}

/// A command's words; single quotes keep blanks.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn the_examples_print_what_they_say() {
    let lab = Lab::windows();
    let (mut once, mut streams) = (Raw::connect(&lab.address), Vec::new());
    let mut run = 0;
    for Example { words, printed } in examples() {
        let (mut method, mut body, mut streamed, mut path) = ("GET", None, false, String::new());
        let mut rest = words.iter().map(String::as_str);
        assert_eq!(rest.next(), Some("curl"));
        while let Some(word) = rest.next() {
            match word {
                "-s" => {}
                "-sN" => streamed = true,
                "-X" => method = rest.next().unwrap(),
                "--json" => (method, body) = ("POST", rest.next()),
                url => path = url.strip_prefix("http://localhost:7070").unwrap().to_owned(),
            }
        }
        let headers: &[&str] = if body.is_some() { &["content-type: application/json"] } else { &[] };
        let body = body.unwrap_or_default().as_bytes();
        if streamed {
            let mut stream = Raw::connect(&lab.address);
            stream.request(method, &path, headers, body);
            assert_eq!(stream.head().status, 200, "{words:?}");
            streams.push((stream, printed));
        } else {
            once.request(method, &path, headers, body);
            let head = once.head();
            assert_eq!([once.body(&head)].as_slice(), printed, "{words:?}");
        }
        run += 1;
    }
    for (mut stream, printed) in streams {
        for line in printed {
            assert_eq!(stream.line(), line);
        }
    }
    assert!(run > 10, "only {run} examples were found");
}
