//! fal's platform API: the history in which a lost submit is found, the list of models, their prices.
//!
//! Pure. A history that cannot be read to its end, or does not tell what was asked for, is an error: it
//! must not look like one that does not know the job.

use serde_json::{Value, json};

use super::super::failure::Failure;
use super::super::{Call, ListedModel, Reply, Stage, Target, unusable};
use super::{app_of, is_request_id, poll};
use crate::catalog::Order;
use crate::error::{Error, Kind, Result};
use crate::json::large_tree;
use crate::text;

/// How many models one price call may name.
const PRICES: usize = 50;

/// The oldest request of a page that nobody has claimed and that asks for the same as what was
/// submitted, as the call that goes on with it; or the call for the next page; or nothing, when the
/// history does not know it. What was submitted is taken as it was sent: it may say more than its order.
pub(super) fn found(
    submitted: &Call,
    order: &Order,
    reply: &Reply<'_>,
    claimed: &[String],
) -> Result<Option<Call>> {
    if !reply.is_success() {
        return Err(Failure::of(reply, order).error(reply));
    }
    let history =
        large_tree(reply.body).ok_or_else(|| unusable("the request history is not JSON"))?;
    let items = history.get("items").and_then(Value::as_array);
    let items = items.ok_or_else(|| unusable("its answer is no list of requests"))?;
    let ours = submitted.body.json();
    let ours = ours.ok_or_else(|| Error::new(Kind::Internal, "nothing was asked for"))?;
    let since = reply.memo.get("since").and_then(Value::as_str).unwrap_or_default();
    let mut is_vague = reply.memo.get("vague").is_some();
    let mut hits: Vec<(&str, &str)> = Vec::new();
    for item in items {
        let word = |key: &str| item.get(key).and_then(Value::as_str);
        let id = word("request_id").filter(|id| is_request_id(id));
        let sent = word("sent_at").or_else(|| word("started_at")).unwrap_or_default();
        let is_recent = match (sent.parse::<jiff::Timestamp>(), since.parse::<jiff::Timestamp>()) {
            (Ok(sent), Ok(since)) => sent >= since,
            _ => true,
        };
        if !is_recent || claimed.iter().any(|known| Some(known.as_str()) == id) {
            continue;
        }
        match (id, item.get("json_input").filter(|input| !input.is_null())) {
            (Some(id), Some(input)) if contains(input, ours) => hits.push((sent, id)),
            (Some(_), Some(_)) => {}
            _ => is_vague = true,
        }
    }
    hits.sort_unstable();
    if let Some((_, id)) = hits.first() {
        return Ok(Some(poll(&app_of(&order.wire), id, 0)));
    }
    let has_more = history.get("has_more").and_then(Value::as_bool).unwrap_or(false);
    match cursor_of(&history) {
        Some(cursor) => {
            let mut memo = json!({ "since": since });
            if is_vague {
                memo["vague"] = json!(true);
            }
            Ok(Some(history_page(order, &memo, Some(cursor))))
        }
        None if has_more => Err(unusable("the request history breaks off")),
        None if is_vague => {
            Err(unusable("the request history does not tell what its requests asked for"))
        }
        None => Ok(None),
    }
}

/// Reads a page of models or of prices.
pub(super) fn models(reply: &Reply<'_>) -> Result<(Vec<ListedModel>, Option<Call>)> {
    let prices = reply.memo.get("at").is_some();
    if prices && reply.status == 404 {
        // One unknown id fails the whole page; its prices stay those of the catalog.
        return Ok((Vec::new(), next_prices(reply.memo)));
    }
    if !reply.is_success() {
        return Err(Failure::of(reply, &Order::default()).error(reply));
    }
    let body = large_tree(reply.body).ok_or_else(|| unusable("the model list is not JSON"))?;
    if prices {
        let rows = body.get("prices").and_then(Value::as_array).cloned().unwrap_or_default();
        return Ok((rows.iter().filter_map(price_row).collect(), next_prices(reply.memo)));
    }
    let rows = body.get("models").and_then(Value::as_array).cloned().unwrap_or_default();
    let found: Vec<ListedModel> = rows.iter().filter_map(model_row).collect();
    let mut ids = reply.memo.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
    ids.extend(found.iter().map(|found| json!(found.wire)));
    let next = match cursor_of(&body).filter(|_| ids.len() < 5_000) {
        Some(cursor) => Some(list_page(Some(cursor), &json!(ids))),
        None => next_prices(&json!({ "ids": ids, "at": 0, "first": true })),
    };
    Ok((found, next))
}

/// Whether `part` is contained in `whole`: every field is there, and equal.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|there| contains(there, value))),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (whole, part) => whole == part,
    }
}

/// A page of the requests of the past.
pub(super) fn history_page(order: &Order, memo: &Value, cursor: Option<&str>) -> Call {
    let since = memo.get("since").and_then(Value::as_str).unwrap_or_default();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("endpoint_id", &order.wire).append_pair("start", since);
    query.append_pair("expand", "payloads").append_pair("limit", "100");
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    let path = format!("/models/requests/by-endpoint?{}", query.finish());
    let mut call = Call::get(Stage::Lost, Target::Role("api".to_owned(), path));
    call.memo = memo.clone();
    call
}

/// Where the next page of a list begins, if there is one.
fn cursor_of(page: &Value) -> Option<&str> {
    let cursor = page.get("next_cursor").and_then(Value::as_str).filter(|text| !text.is_empty());
    cursor.filter(|_| page.get("has_more").and_then(Value::as_bool).unwrap_or(true))
}

/// A page of the list of models.
pub(super) fn list_page(cursor: Option<&str>, ids: &Value) -> Call {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("category", "text-to-image").append_pair("limit", "100");
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    let target = Target::Role("api".to_owned(), format!("/models?{}", query.finish()));
    let mut call = Call::get(Stage::List, target);
    call.memo = json!({ "ids": ids });
    call
}

/// The next page of prices after the one whose memo this is.
fn next_prices(memo: &Value) -> Option<Call> {
    let ids = memo.get("ids").and_then(Value::as_array)?;
    let at = memo.get("at").and_then(Value::as_u64)? as usize;
    let at = if memo.get("first").is_some() { 0 } else { at.saturating_add(PRICES) };
    let page =
        ids.get(at..ids.len().min(at.saturating_add(PRICES))).filter(|page| !page.is_empty())?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for id in page.iter().filter_map(Value::as_str) {
        query.append_pair("endpoint_id", id);
    }
    let target = Target::Role("api".to_owned(), format!("/models/pricing?{}", query.finish()));
    let mut call = Call::get(Stage::List, target);
    call.memo = json!({ "ids": ids, "at": at });
    Some(call)
}

fn model_row(row: &Value) -> Option<ListedModel> {
    let word = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).map(|t| text::clean(t, 300))
    };
    let about = row.get("metadata").unwrap_or(row);
    Some(ListedModel {
        wire: word(row, "endpoint_id")?,
        name: word(about, "display_name"),
        description: word(about, "description"),
        deprecated: word(about, "status").is_some_and(|status| status == "deprecated"),
        ..ListedModel::default()
    })
}

fn price_row(row: &Value) -> Option<ListedModel> {
    let number = |key: &str| {
        let value = row.get(key)?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    };
    Some(ListedModel {
        wire: row.get("endpoint_id")?.as_str().map(|id| text::clean(id, 300))?,
        unit_price: number("unit_price"),
        unit: row.get("unit").and_then(Value::as_str).map(|unit| text::clean(unit, 40)),
        ..ListedModel::default()
    })
}
