//! The integration tests, one binary; each module is one subject.

#![expect(
    unreachable_pub,
    reason = "a test binary has no outside; `pub` is what its modules share"
)]
#![expect(clippy::unwrap_used, reason = "a test may stop where something it relies on is missing")]
#![expect(clippy::disallowed_methods, reason = "tests make and spoil files, and pass PATH on")]

mod adoption; // what is there already is not paid for again, also by another home
mod agent; // a client of the Model Context Protocol
mod agents; // what programs and agents read of the command line
mod awkward_inputs; // pictures as people have them, given to an edit
mod bad_input; // what users write wrongly: named, with the remedy, nothing sent
mod batch; // batches end to end: what is refused, what fails alone, what a second run sends
mod batch_again; // what is made again although it is there
mod batch_files; // batch files of every format, good and bad
mod batch_foreign; // batch files of other programs
mod batch_pictures; // batches whose jobs are made from pictures of their own
mod batch_told; // what a batch says of its lines
mod batch_traps; // what was found by trying to break a batch
mod behind; // providers behind gateways that repeat, wrap and rename
mod bombs; // answers that would cost many times their length in memory
mod browser; // the page of `pinx serve` in a browser
mod budget; // what a day and a month may cost, over all processes
mod cache; // the same picture again for nothing, and never paid for twice at once
mod calls; // every call to the system fails once, or is the last
mod checks; // what must hold for any bytes: shared with the fuzz targets
mod choosing; // which model is taken, and what is told of it
mod chromium; // a browser without a window
mod claims; // several homes over one directory: none pays for what another makes
mod cli; // flags and words as people type them, help and its examples
mod client_keys; // who may ask a server: keys are seen once, what is told of them holds none
mod clients; // for whom a server does something, what may be spent for it, and what is told of it
mod compare; // several models side by side, also hidden, also over a file
mod compare_pictures; // comparisons that are made from pictures
mod completions; // what shells complete
mod copies; // what lies beside an image and is no other one
mod corpus; // samples and findings of the fuzz targets, replayed
mod counterparts; // libraries that people use, as clients of the server
mod crash; // killed at any instant: what was billed is on the disk, once
mod damage; // a damaged log: nothing paid is lost by it, nothing is invented
mod doctor; // everything looked at, nothing spent
mod echoes; // keys that providers repeat
mod edit; // pictures made from others: what is sent of them, and what goes wrong on the way
mod fake; // scripted providers on loopback
mod fal; // one image through a scripted fal
mod fal_edit; // pictures made from others over fal: uploaded once, found by their links
mod fal_faults; // the numbered faults that a queue can have
mod fal_masks; // edits over fal with masks, without sizes, without transparency
mod fallback; // the next route: when, and when never
mod faults; // the numbered faults that a synchronous provider can have
mod full_log; // a disk that is full where the log is
mod gallery; // the page of a whole batch
mod gateways; // the paths and headers of gateways
mod generate; // names, formats, stdout and files of a run
mod golden; // completions and manual pages as committed
mod held; // what must hold after a crash
mod hostile; // providers that mean harm: nothing leaks, memory stays flat
mod image_bombs; // images that would cost many times their length in memory
mod inputs; // files without end, pipes and devices as input and output
mod invariants; // every course of answers keeps the table
mod json; // one document in success and in failure
mod json_edit; // pictures in JSON, by the words of a provider
mod kept_pictures; // what stays of given pictures: profiles, sizes, and what was made of them before
mod keys; // where keys come from and where they never go
mod large; // answers and images beyond every usual length
mod last; // what was made last has a word, and is opened
mod last_words; // what a failure leaves to do
mod limits; // limits that processes share, several keys, equal routes
mod lineage; // what an image was made from, how far back that is known, and made again
mod log; // what the log keeps and shows
mod lost; // what was submitted and never answered is found as it was sent
mod manual; // topics of help as manual pages
mod many_runs; // many runs in one process, on several threads
mod masks; // which part of a picture is to be changed
mod mcp; // agents: what they can do, what they may spend, what is made once
mod mcp_conformance; // what the protocol's own suite says of it
mod mcp_http; // the same over HTTP, behind the guard
mod mcp_libraries; // libraries that agents are built with, as clients of both
mod mcp_links; // links that come between a call and what is written for it
mod mcp_loop; // an agent that is killed again and again, and repeats itself
mod models; // tables and documents of models, providers and styles
mod moments; // moments of a run at which something happens to it
mod money; // what may be billed is neither repeated nor lost
mod names; // file names: safe, never colliding
mod official; // every request and event held against OpenAI's document
mod official_answers; // answers of a server held against schemas: OpenAI's own, and the first two
mod offline; // no key, no network, first command, a picture
mod old; // what earlier versions wrote stays readable and equal
mod openai; // one image through a scripted OpenAI
mod openai_api; // OpenAI's API as programs that were written for it use it
mod packaging; // archives and packages for people without cargo
mod page; // the page of `pinx serve`: prices before anything is sent, verdicts, recipes
mod pictures; // the picture of the README
mod pinx; // runs the binary in a world of its own
mod places; // where images may go: links, devices, stdout
mod previews; // answers that come as streams, and what breaks behind a preview
mod process_limits; // few handles, small files, little stack
mod readme; // the examples of the README
mod recipes; // what images tell of how they were made, and the same again
mod recover; // what was interrupted is finished, never paid again
mod refusing_disk; // a disk that refuses an image after it was paid for
mod repeats; // requests to a server that come again
mod rounds; // runs stopped and logs damaged at random: billed is there, or told
mod salvage; // whole images in answers of another form than promised
mod serve; // a server: its own API, who may ask, what is answered, how it ends
mod served; // a server of pinx in a world of its own
mod served_budgets; // two servers and four commands at once: no budget is exceeded
mod served_clients; // clients of a server: keys, models, rates, budgets
mod served_connections; // thousands of connections: memory stays small, who asks is answered
mod served_rounds; // servers killed under load: billed is there, or told, and no key pays twice
mod served_slips; // what is wrong with a request to a server is named, and nothing is sent
mod signals; // Ctrl-C, SIGTERM, SIGKILL
mod skill; // the skill for agents: its commands run, what it names is there
mod slips; // what is typed by accident: nothing is paid, no key is repeated
mod stats; // what the log adds up to; its filters, export and pruning
mod stops; // what fails for everybody stops for everybody: forty under each class of failure
mod strange_recipes; // what images from elsewhere tell, odd or hostile
mod tables; // every table and every help page in 80 columns
mod tidy; // layers, fences, heads, sizes
mod told; // what a failure shows: the sentence, who said it, whose it is, where to look
mod transcript; // what every command prints, whole
mod troubles; // signals, budgets and full disks at any instant
mod typed; // what people type: any script, mistakes whose hints work, any encoding
mod underlay;
mod unreachable; // the numbered faults of the way to a provider
mod votes; // verdicts, and what they add up to
