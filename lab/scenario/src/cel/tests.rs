//! Expressions that are let through, and those that are not.

use winlab_document::doc;

use super::Cel;
use super::expression::FUNCTIONS;

#[test]
fn expressions_over_documents() {
    let it = doc!({"FrontendVIPs": ["10.96.0.80"], "Port": 80, "Name": "web", "Nested": {"Flag": true}});
    for (text, expected) in [
        ("\"10.96.0.80\" in it.FrontendVIPs", true),
        ("size(it.FrontendVIPs) == 2", false),
        ("it.Port + 1 == 81", true),
        ("it.Name.contains('e') && it.Nested.Flag", true),
        ("!has(it.Nope)", true),
        ("it.FrontendVIPs.exists(v, v.startsWith('10.'))", true),
        ("type(it.Port) == int", true),
    ] {
        assert_eq!(Cel::compile(text).unwrap().is_true_of(&it), Ok(expected), "{text}");
    }
}

/// A function that is let through and then unknown would fail a step instead of the file.
#[test]
fn every_function_that_is_let_through_is_there() {
    let uses = [
        "size([1]) == 1",
        "has(it.a)",
        "[1].all(v, v == 1)",
        "[1].exists(v, v == 1)",
        "[1].exists_one(v, v == 1)",
        "[1].map(v, v + 1) == [2]",
        "[1].filter(v, v == 1) == [1]",
        "'ab'.contains('a')",
        "'ab'.startsWith('a')",
        "'ab'.endsWith('b')",
        "'ab'.matches('^a.$')",
        "int('1') == 1",
        "uint(1) == 1u",
        "double(1) == 1.0",
        "string(1) == '1'",
        "bytes('a') == b'a'",
        "bool('true')",
        "type(1) == int",
        "dyn(1) == 1",
        "'ab'.charAt(0) == 'a'",
        "'ab'.indexOf('b') == 1",
        "'aba'.lastIndexOf('a') == 2",
        "'A'.lowerAscii() == 'a'",
        "'a'.upperAscii() == 'A'",
        "'a,b'.split(',') == ['a', 'b']",
        "'ab'.replace('b', 'c') == 'ac'",
        "'ab'.substring(1) == 'b'",
        "' a '.trim() == 'a'",
        "['a', 'b'].join(',') == 'a,b'",
        "'%s'.format(['a']) == 'a'",
        "'ab'.reverse() == 'ba'",
    ];
    assert_eq!(uses.len(), FUNCTIONS.len());
    for (function, text) in FUNCTIONS.iter().zip(uses) {
        assert!(text.contains(&format!("{function}(")), "{function}");
        assert_eq!(Cel::compile(text).unwrap().is_true_of(&doc!({"a": 1})), Ok(true), "{text}");
    }
}

#[test]
fn unknown_names_are_refused_with_their_place() {
    for (text, message, offset, length) in [
        ("itt.Port == 1", "there is no variable `itt`", 0, 3),
        ("'it x' == x", "there is no variable `x`", 10, 1),
        ("it.a.exists(v, v == 1) && v == 1", "there is no variable `v`", 12, 1),
        ("'sizee' == 'a' || sizee(it.A) == 1", "there is no function `sizee`", 18, 5),
        ("it.line.contain('é') && it.b", "there is no function `contain`", 8, 7),
    ] {
        let error = Cel::compile(text).unwrap_err();
        assert_eq!((error.message.as_str(), error.offset, error.length), (message, Some(offset), length));
    }
    assert!(Cel::compile("it.A ==").unwrap_err().message.starts_with("not a CEL expression"));
}

#[test]
fn what_is_too_deep_or_too_long_is_refused_and_never_exhausts_the_stack() {
    let round = format!("{}true{}", "(".repeat(20), ")".repeat(20));
    let chain = format!("has(it{})", ".a".repeat(30));
    let sum = format!("1{} == 1", "+1".repeat(30));
    for text in [round, chain, sum, format!("true{}", " && true".repeat(100))] {
        let _ = Cel::compile(&text).unwrap().is_true_of(&doc!({}));
    }
    let too_long = [format!("it{}", ".a".repeat(50_000)), "1+".repeat(9999)];
    let too_deep = [
        "(".repeat(900),
        "[".repeat(900),
        "!".repeat(900),
        "it.a?".repeat(190),
        format!("has(it{})", ".a".repeat(480)),
        format!("1{} == 1", "+1".repeat(480)),
    ];
    for text in too_long.into_iter().chain(too_deep) {
        assert!(Cel::compile(&text).is_err(), "{text}");
    }
}

#[test]
fn missing_keys_and_other_types_are_explained() {
    let it = doc!({"FrontendVIPs": []});
    let error = Cel::compile("size(it.FrontendVips) == 1").unwrap().is_true_of(&it).unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("did you mean `FrontendVIPs`?"));
    let error = Cel::compile("size(it.FrontendVIPs)").unwrap().is_true_of(&it).unwrap_err();
    assert_eq!(error.message, "the expression gives int, not true or false");
}
