//! How officials who are still to be told are reached, and what became of telling them so.

use super::{Centre, notices};
use crate::domain::calendar::day_of;
use crate::domain::contact::{Channel, ContactKind};
use crate::domain::notice::{Notice, Posted, Reach};
use crate::error::AppError;
use crate::store::{contacts, outbox};

impl Centre {
    /// How each of these is reached, in their order; nothing for who was told. Nobody's address is in it.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn reach(&self, of: &[&Notice]) -> Result<Vec<Option<Reach>>, AppError> {
        let mut tx = self.begin().await?;
        let mut found = Vec::with_capacity(of.len());
        for notice in of {
            if notice.told.is_some() {
                found.push(None);
                continue;
            }
            let contact = contacts::get(&mut tx, ContactKind::Official, &notice.official).await?;
            let way = contact.filter(|contact| contact.address().is_some()).map(|contact| contact.way);
            let message = outbox::by_key(&mut tx, &notices::key(notice)).await?.map(|message| Posted {
                way: message.way,
                state: message.state,
                on: message.done_at.map(day_of),
            });
            found.push(Some(Reach { way: way.unwrap_or(Channel::Letter), message }));
        }
        Ok(found)
    }
}
