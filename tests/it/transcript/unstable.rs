//! Tests whose output cannot be the same twice, each with its reason. Keep it short: what can be
//! made equal in `normal.rs` is better there.

/// Modules and tests without a transcript.
pub const UNSTABLE: [(&str, &str); 53] = [
    ("calls", "every call to the system fails in turn: hundreds of runs"),
    ("served_budgets", PROCESSES),
    ("served_rounds", "servers are killed under load at instants by chance"),
    ("rounds", "runs are killed and logs damaged at instants by chance"),
    ("crash", "runs are killed at any instant"),
    ("hostile", "streams without an end are cut where the machine says"),
    ("troubles", "signals and full disks at any instant"),
    ("golden::every_command_and_alias_prints_its_page", "the pages are goldens themselves, `man/`"),
    ("batch::a_rate_limit_in_the_middle_slows_the_batch_and_loses_nothing", RACE),
    ("batch::ctrl_c_stops_after_what_is_in_flight_and_the_next_run_goes_on", RACE),
    ("batch::two_runs_of_one_batch_at_once_pay_for_every_image_once", PROCESSES),
    ("behind::fault_63_a_wrapped_dead_key_stops_a_batch", FIRST),
    ("behind::fault_63_a_wrapped_empty_account_stops_a_batch", FIRST),
    ("budget::fault_47_processes_share_one_budget", PROCESSES),
    (
        "budget::fault_67_an_answer_that_is_dearer_than_reserved_counts_before_the_next_is_sent",
        RACE,
    ),
    (
        "budget::fault_67_a_dearer_answer_counts_although_the_next_job_begins_before_it_is_on_the_disk",
        RACE,
    ),
    ("cache::fault_49_also_inside_one_process", RACE),
    ("claims::fault_80_shards_of_two_homes_killed_at_any_instant_pay_for_nothing_twice", PROCESSES),
    ("claims::fault_80_two_homes_that_run_the_whole_file_share_it", PROCESSES),
    ("compare::a_blind_failure_has_no_words_before_the_verdict", LETTERS),
    ("compare::a_blind_file_is_told_prompt_by_prompt", LETTERS),
    ("compare::a_blind_image_is_its_pixels_and_nothing_else", LETTERS),
    ("compare::a_blind_prompt_with_one_image_waits_for_the_verdicts_of_the_others", LETTERS),
    ("compare::a_blind_one_tells_nothing_and_then_everything", LETTERS),
    ("compare::consent_covers_every_quality_and_models_are_called_with_it", RACE),
    ("compare::nothing_tells_which_style_is_which_until_the_verdict", LETTERS),
    ("compare::the_letters_say_nothing_about_the_order_of_the_models", LETTERS),
    ("compare::where_there_is_nothing_to_judge_all_is_told_at_once", LETTERS),
    ("votes::a_letter_is_a_letter_and_names_say_nothing_while_they_are_hidden", LETTERS),
    ("compare::comparisons_at_once_have_a_directory_each", PROCESSES),
    ("limits::a_learned_limit_holds_and_is_shown", RACE),
    ("limits::after_a_429_one_request_goes_first", FIRST),
    ("limits::fault_48_eight_processes_share_six_a_minute", PROCESSES),
    ("limits::fault_48_two_processes_share_six_a_minute", PROCESSES),
    ("limits::four_processes_share_one_place_in_flight", PROCESSES),
    ("doctor::a_clock_that_is_off_is_told", "it tells how far a fixed day is from today"),
    ("many_runs", PROCESSES),
    ("names::four_runs_of_one_prompt_at_once_make_four_files", PROCESSES),
    ("votes::votes_at_once_take_turns", PROCESSES),
    ("old::documents_have_the_old_names", "its deadline of 100 ms ends before or after a poll"),
    ("old::every_kind_of_log_line_has_the_old_bytes", "its deadline ends before or after a poll"),
    (
        "recover::several_are_forgotten_by_their_ids_or_all_that_stay_unknown",
        "ids are drawn by lot, and what is listed is in their order",
    ),
    (
        "signals::what_is_drawn_here_costs_nothing_and_ends_at_once",
        "how many are drawn before the signal is chance",
    ),
    (
        "stats::the_page_is_whole_loads_nothing_and_replaces_nothing_unasked",
        "a page on stdout draws how long pictures took",
    ),
    ("stops::a_dead_key_is_asked_by_what_is_in_flight_alone", FIRST),
    ("stops::a_provider_that_cannot_be_reached_is_paid_nothing", FIRST),
    ("stops::a_provider_that_is_busy_is_asked_again_by_the_next_run", FIRST),
    ("stops::a_server_that_fails_is_asked_again_by_the_next_run", FIRST),
    ("stops::fault_57_a_directory_that_refuses_gets_no_more_images", FIRST),
    ("stops::fault_65_answers_that_are_lost_stop_their_route", FIRST),
    ("stops::fault_65_answers_that_are_unusable_stop_their_route", FIRST),
    ("stops::fault_65_answers_whose_links_are_dead_stop_their_route", FIRST),
    ("stops::fault_66_a_missing_model_is_asked_by_what_is_in_flight_alone", FIRST),
];

const RACE: &str = "what is in flight beside each other ends in an order of chance";
const PROCESSES: &str = "several processes at once share what only some of them get";
const FIRST: &str = "which of the jobs in flight meets the fault first is chance, and it is told";
const LETTERS: &str = "letters are drawn by lot, so that they say nothing";

/// Why this test has no transcript; none where it has one.
pub fn reason(test: &str) -> Option<&'static str> {
    let is_of = |name: &str| {
        test == name || test.strip_prefix(name).is_some_and(|rest| rest.starts_with("::"))
    };
    UNSTABLE.iter().find(|(name, _)| is_of(name)).map(|(_, reason)| *reason)
}

/// The tests of a source file as their threads are named.
fn tests(path: &str, text: &str) -> Vec<String> {
    let module =
        path.trim_start_matches("tests/it/").trim_end_matches(".rs").trim_end_matches("/mod");
    let module = module.replace('/', "::");
    let after = text.split("#[test]\n").skip(1);
    let names = after.filter_map(|rest| rest.split("fn ").nth(1)?.split('(').next());
    names.map(|name| format!("{module}::{name}")).collect()
}

/// Transcripts of no test, exceptions of no test or without a reason, and both for one test.
fn violations(tests: &[String], transcripts: &[String], unstable: &[(&str, &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for test in transcripts {
        if !tests.contains(test) {
            wrong.push(format!("{test}: a transcript without a test"));
        } else if reason(test).is_some() {
            wrong.push(format!("{test}: a transcript, although it is named as unstable"));
        }
    }
    for (name, reason) in unstable {
        let module = format!("{name}::");
        if !tests.iter().any(|test| test == name || test.starts_with(&module)) {
            wrong.push(format!("{name}: named as unstable, but no test"));
        }
        if reason.len() < 20 {
            wrong.push(format!("{name}: named as unstable without a reason"));
        }
    }
    wrong
}

#[test]
fn every_transcript_and_every_exception_is_of_a_test() {
    let tests: Vec<String> = crate::tidy::sources("tests/it", "rs")
        .iter()
        .flat_map(|(path, text)| tests(path, text))
        .collect();
    let root = super::place();
    let mut transcripts = Vec::new();
    for path in crate::pinx::files_below(&root) {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let name = name.trim_end_matches(".txt").replace('/', "::");
        if crate::golden::is_updating() && (!tests.contains(&name) || reason(&name).is_some()) {
            std::fs::remove_file(path).unwrap();
        } else {
            transcripts.push(name);
        }
    }
    let wrong = violations(&tests, &transcripts, &UNSTABLE);
    let update = super::UPDATE;
    assert!(wrong.is_empty(), "`{update}` removes old transcripts:\n{}", wrong.join("\n"));
    assert!(transcripts.len() > 500, "only {} transcripts", transcripts.len());
}

#[test]
fn a_stray_transcript_and_a_stray_exception_are_seen() {
    let tests = tests("tests/it/a/b.rs", "#[test]\nfn one() {}\n#[test]\n#[ignore]\nfn two() {}\n");
    assert_eq!(tests, ["a::b::one", "a::b::two"]);
    let wrong = |transcript: &str, unstable: (&str, &str)| {
        violations(&tests, &[transcript.to_owned()], &[unstable]).len()
    };
    let fine = ("a::b::two", "chance, and a lot of it");
    assert_eq!(wrong("a::b::one", fine), 0);
    assert_eq!(wrong("a::b::three", fine), 1);
    assert_eq!(wrong("a::b::one", ("a::c", fine.1)), 1);
    assert_eq!(wrong("a::b::one", ("a::b", "because")), 1);
}
