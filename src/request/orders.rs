//! Orders of parameters that are older than their table, each of a reader's own: they are kept, and
//! whatever the table has besides follows. Nothing is added here. Names that are no parameter's are the
//! reader's.

/// Of an order in the log, and in the keys of the cache.
pub(crate) const ORDER: &str = "id model wire prompt negative size aspect resolution quality format seed \
                         style colors background label extra params edit \
                         partials";

/// Of a recipe.
pub(crate) const RECIPE: &str =
    "prompt negative model size quality seed style colors background params label look note";

/// Of the facts of a recipe that people are told.
pub(crate) const FACTS: &str =
    "prompt negative model size quality seed style colors background label";

/// Of what identifies a job of a batch. These count also where they are not asked for.
pub(crate) const DIGEST: &str =
    "size aspect quality format seed negative style colors background label params";

/// Of the flags.
pub(crate) const FLAGS: &str =
    "size aspect quality format style colors negative seed background label";

/// Of `redo --set`.
pub(crate) const SETS: &str =
    "prompt negative model size aspect quality seed style colors background format label";

/// Of the keys of batch files.
pub(crate) const KEYS: &str = "prompt id output count model fallback size aspect quality background format \
                        seed negative style colors vars params max_cost tags matrix";
