//! Lists in pages: `limit` and `after` go in, `items` and `next` come out.

use crate::error::AppError;
use crate::service::PAGE_MAX;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// Most items of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 600)]
    after: Option<String>,
}

/// Items of a page without being told how many.
const USUAL: u32 = 50;

impl Paging {
    /// The same, where it stands among other questions.
    pub fn new(limit: Option<u32>, after: Option<String>) -> Self {
        Self { limit, after }
    }

    /// How many items.
    pub fn limit(&self) -> Result<u32, AppError> {
        limit(self.limit)
    }

    /// The position to go on from; the beginning if none is given.
    pub fn after(&self) -> Result<String, AppError> {
        let Some(hex) = &self.after else { return Ok(String::new()) };
        let wrong = || AppError::bad_request("query", "`after` is the `next` of the page before, unchanged");
        let bytes = (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok());
        let bytes: Option<Vec<u8>> = bytes.collect();
        let text = String::from_utf8(bytes.ok_or_else(wrong)?).map_err(|_| wrong())?;
        if text.contains('\0') { Err(wrong()) } else { Ok(text) }
    }

    /// One page of a list that is held as a whole, ordered by a key that no two items share.
    pub fn cut<T>(&self, items: Vec<T>, key: impl Fn(&T) -> String) -> Result<Page<T>, AppError> {
        let (after, limit) = (self.after()?, self.limit()? as usize);
        let mut rest =
            items.into_iter().skip_while(|item| !after.is_empty() && key(item) <= after).peekable();
        let items: Vec<T> = rest.by_ref().take(limit).collect();
        let next = if rest.peek().is_some() { items.last().map(|item| position(&key(item))) } else { None };
        Ok(Page { items, next })
    }
}

/// A number of items as asked for.
pub(super) fn limit(asked: Option<u32>) -> Result<u32, AppError> {
    match asked {
        None => Ok(USUAL),
        Some(limit) if (1..=PAGE_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(AppError::bad_request("query", format!("`limit` is 1 to {PAGE_MAX}"))),
    }
}

/// A position as it travels: nobody should read more into it than that it goes on from there.
pub(super) fn position(key: &str) -> String {
    key.bytes().map(|b| format!("{b:02x}")).collect()
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; nothing on the last one.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(limit: Option<u32>, after: Option<&str>) -> Paging {
        Paging { limit, after: after.map(str::to_owned) }
    }

    #[test]
    fn pages_follow_on_each_other_and_end() {
        let items: Vec<String> = ["A", "Â", "B", "b", "Đ"].map(str::to_owned).into();
        let mut sorted = items.clone();
        sorted.sort();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = paging(Some(2), after.as_deref()).cut(sorted.clone(), String::clone).unwrap();
            seen.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, sorted);
    }

    #[test]
    fn what_is_no_position_or_number_is_refused() {
        for bad in ["x", "zz", "ff", "00", "é"] {
            assert!(paging(None, Some(bad)).after().is_err(), "{bad}");
        }
        for bad in [0, 201] {
            assert!(paging(Some(bad), None).limit().is_err());
        }
        assert_eq!(paging(None, None).limit().unwrap(), 50);
    }
}
