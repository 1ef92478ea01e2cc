//! What the guides show is what the examples do, and so what the rows test.

const SHOWN: [(&str, &str); 3] = [
    (
        include_str!("../../../src/guide/cognigy.md"),
        include_str!("../../../examples/session_cognigy.rs"),
    ),
    (
        include_str!("../../../src/guide/jodoworld.md"),
        include_str!("../../../examples/session_jodoworld.rs"),
    ),
    (
        include_str!("../../../src/guide/talkative.md"),
        include_str!("../../../examples/session_talkative.rs"),
    ),
];

/// The text of each function `policy`, up to the brace that ends it.
fn policies(text: &str) -> Vec<&str> {
    let starts = text.match_indices("fn policy()").map(|(start, _)| &text[start..]);
    starts.map(|rest| &rest[..rest.find("\n}\n").unwrap()]).collect()
}

#[test]
fn the_guides_show_the_policies_of_the_examples() {
    let mut shown = 0;
    for (guide, example) in SHOWN {
        let [policy] = policies(example)[..] else { panic!("one policy in an example") };
        assert!(policy.contains("Policy::new("), "{policy}");
        // A guide hides what it has shown before.
        let guide = guide.replace("\n# ", "\n");
        for same in policies(&guide) {
            assert_eq!(same, policy);
            shown += 1;
        }
    }
    assert_eq!(shown, 4);
}
