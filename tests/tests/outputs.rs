//! Small groups, over everything that leaves the centre: worlds that differ only in what hidden groups marked are told
//! apart by no output, so neither any of them nor a sum or difference of several tells of a mark.
//!
//! What is hidden: a unit of four alone; two units of four, of which one sum is shown; a unit that two people leave
//! unpublished; a unit whose round is not published yet; a single ballot that came after the count. What is read: every
//! route of the API's document, every document, every command that shows something, every mail and message.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_tests::office::Office;
use homphieu_tests::outputs::{commands, writes_with_figures};
use std::collections::BTreeSet;
use ways_out::{AS_FILES, SHOWING, SILENT, WRITES, every_document, name_of};
use world::{ELSEWHERE, Hidden, ONE, OTHER, Seen, THIRD, World};

#[path = "outputs/ways_out.rs"]
mod ways_out;
#[path = "outputs/world.rs"]
mod world;

/// What is told otherwise in two worlds.
fn differing(one: &Seen, other: &Seen) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differs = names.into_iter().filter(|name| one.get(*name) != other.get(*name));
    differs.map(|name| format!("{name}\n{}", first_difference(one.get(name), other.get(name)))).collect()
}

fn first_difference(one: Option<&String>, other: Option<&String>) -> String {
    let (Some(one), Some(other)) = (one, other) else { return "is not in both".to_owned() };
    let at = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let around = |text: &String| text.chars().skip(at.saturating_sub(80)).take(200).collect::<String>();
    format!("  {:?}\n  {:?}", around(one), around(other))
}

/// The stages at which a world is read: A and the small S are published; the sum of S and P is; the second round is.
fn told(hidden: &Hidden, stages: usize) -> [Seen; 3] {
    let mut world = World::begin(hidden);
    world.publish(&["A", "S"]);
    let first = [world.routes(false), world.commands(false)].into_iter().flatten().collect();
    world.publish(&["P"]);
    world.leave_unpublished("T");
    let mut second: Seen = [world.routes(false), world.commands(true), world.messages(), world.bundle()]
        .into_iter()
        .flatten()
        .collect();
    if stages < 3 {
        return [first, second, Seen::new()];
    }
    second.extend(world.letters());
    world.second(hidden);
    world.publish(&["A", "S"]);
    let before = world.routes(false).into_iter().map(|(name, told)| (format!("before T: {name}"), told));
    let mut third: Seen = before.collect();
    world.publish(&["T"]);
    third.extend(
        [world.routes(true), world.commands(false), world.bundle(), world.letters()].into_iter().flatten(),
    );
    [first, second, third]
}

#[test]
fn no_output_tells_worlds_apart_that_differ_in_what_hidden_groups_marked() {
    let worlds = std::thread::scope(|scope| {
        let play = |hidden: &'static Hidden, stages| scope.spawn(move || told(hidden, stages));
        [play(&ONE, 3), play(&OTHER, 3), play(&THIRD, 3), play(&ELSEWHERE, 2)]
            .map(|world| world.join().unwrap())
    });
    let [one, other, third, elsewhere] = &worlds;
    for (name, world) in [("other", other), ("third", third)] {
        for (stage, (seen, known)) in world.iter().zip(one).enumerate() {
            let differs = differing(known, seen);
            assert!(differs.is_empty(), "{name}, stage {stage}:\n{}", differs.join("\n"));
        }
    }
    let differs = differing(&one[0], &elsewhere[0]);
    assert!(differs.is_empty(), "the sum is not shown yet:\n{}", differs.join("\n"));
    // The comparison can fail: once the sum is shown, these two worlds are told apart by what shows sums.
    let differs = differing(&one[1], &elsewhere[1]).join("\n");
    for what in ["/results\n", "/comparison/rounds.csv\n", "round-report.pdf\n", "result 0 of the bundle\n"] {
        assert!(differs.contains(what), "{what} in {differs}");
    }
    for wanted in every_document() {
        let path = format!("/api/v1/rounds/{{round}}/{}", name_of(&wanted));
        let told = one[2].get(&path).unwrap_or_else(|| panic!("{path} was read"));
        assert!(told.starts_with("200 "), "{path}: {told}");
    }
    assert!(one[2].values().filter(|told| told.contains("too_few_ballots")).count() > 5);
    assert!(one[2].len() > 150, "{} outputs were read", one[2].len());
}

#[test]
fn every_way_out_is_compared_or_said_to_show_nothing() {
    let office = Office::new();
    let document = office
        .on_centre(async |centre| serde_json::to_value(homphieu_server::http::document(centre)).unwrap());
    let writes = writes_with_figures(&document);
    assert_eq!(writes, WRITES.map(str::to_owned).into(), "what answers with figures is compared");
    let shown: BTreeSet<String> = SHOWING
        .iter()
        .map(|words| {
            words.iter().take_while(|word| !word.starts_with("--")).copied().collect::<Vec<_>>().join(" ")
        })
        .collect();
    let known = |words: &[String]| {
        let name = words.join(" ");
        let silent = SILENT.contains(&name.as_str())
            || words.first().is_some_and(|first| SILENT.contains(&first.as_str()));
        silent || shown.contains(&name) || AS_FILES.contains(&name.as_str())
    };
    let all = commands(&homphieu_server::cli::commands());
    let unknown: Vec<_> = all.iter().filter(|words| !known(words)).collect();
    assert!(unknown.is_empty(), "add these to what is compared, or say that they show nothing: {unknown:?}");
    let there = |name: &str| {
        all.iter().any(|words| words.join(" ") == name || words.first().is_some_and(|first| first == name))
    };
    let gone: Vec<_> = SILENT.iter().chain(&AS_FILES).filter(|name| !there(name)).collect();
    assert!(gone.is_empty(), "there are no such commands: {gone:?}");
}
