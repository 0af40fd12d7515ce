//! Files of a plan: they come in pieces, are told by their content, and lie in the database and so in every backup.

use super::write::may_write;
use super::{one, today};
use crate::domain::attachment::{Attachment, AttachmentError, FILES_MAX, Kind, check_piece, name, pieces};
use crate::domain::person::Role;
use crate::domain::plan::PlanRow;
use crate::error::AppError;
use crate::service::{Centre, load_round};
use crate::store::{StoreError, Tx, attachments};
use sha2::{Digest, Sha256};
use sync_core::id::RoundId;

/// A piece of a file.
#[derive(Debug, Clone, Copy)]
pub struct FilePiece<'a> {
    /// SHA-256 of the whole file.
    pub id: &'a [u8; 32],
    /// Its name, as somebody gave it.
    pub name: &'a str,
    /// Length of the whole file.
    pub size: u64,
    /// Number of the piece, from 0.
    pub number: u32,
    /// The piece.
    pub bytes: &'a [u8],
}

impl Centre {
    /// Takes a piece of a file. The same again is success. Gives the pieces that are here, and whether that is all.
    ///
    /// # Errors
    /// [`AppError`] with code `not_yours`, `unknown_plan`, `file_size`, `too_many_files`, `file_piece`, `file_kind`,
    /// `file_content`.
    pub async fn add_plan_file(
        &self,
        (round, unit): (&RoundId, Option<&str>),
        official: &str,
        piece: FilePiece<'_>,
    ) -> Result<(Vec<u32>, bool), AppError> {
        let (size, count) = pieces(piece.size).map_err(refused)?;
        let (mut tx, row) = self.begin_files((round, unit), official).await?;
        let person = self.actor().person()?;
        may_write(person, &row)?;
        let of = (round, &row.unit, official);
        let known = attachments::list(&mut tx, of).await?;
        let size = match known.iter().find(|file| file.id == *piece.id) {
            Some(file) if file.kind.is_some() => {
                return Ok((attachments::have(&mut tx, of, piece.id).await?, true));
            }
            Some(file) if file.size == size => size,
            Some(_) => return Err(refused(AttachmentError::Content)),
            None if known.len() >= FILES_MAX => return Err(refused(AttachmentError::TooMany)),
            None => size,
        };
        check_piece(size, piece.number, piece.bytes).map_err(refused)?;
        let file = Attachment {
            id: *piece.id,
            name: name(piece.name),
            kind: None,
            size,
            added_on: today(),
            added_by: person.login.clone(),
        };
        attachments::add(&mut tx, of, &file).await?;
        attachments::add_piece(&mut tx, of, piece.id, (piece.number, piece.bytes)).await?;
        let have = attachments::have(&mut tx, of, piece.id).await?;
        if have.len() < count as usize {
            tx.commit().await.map_err(StoreError::from)?;
            return Ok((have, false));
        }
        let content = attachments::content(&mut tx, of, piece.id).await?;
        let whole = Sha256::digest(&content).as_slice() == piece.id && content.len() == size as usize;
        let wrong = if whole { AttachmentError::Kind } else { AttachmentError::Content };
        let Some(kind) = Kind::of(&content).filter(|_| whole) else {
            // Nothing of it is of use to anybody.
            attachments::remove(&mut tx, of, piece.id).await?;
            tx.commit().await.map_err(StoreError::from)?;
            return Err(refused(wrong));
        };
        attachments::complete(&mut tx, of, piece.id, kind).await?;
        let detail = format!("{official}: {} ({}, {size} bytes)", file.name, kind.code());
        self.commit(tx, "plan_file_added", &row.unit, detail).await?;
        Ok((have, true))
    }

    /// A file of a plan, with its content.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_plan`, `unknown_file`.
    pub async fn plan_file(
        &self,
        (round, unit): (&RoundId, Option<&str>),
        official: &str,
        id: &[u8; 32],
    ) -> Result<(Attachment, Kind, Vec<u8>), AppError> {
        let mut tx = self.begin().await?;
        let row = one(&mut tx, round, unit, official).await?;
        let of = (round, &row.unit, official);
        let found = attachments::list(&mut tx, of).await?.into_iter().find(|file| file.id == *id);
        let (file, kind) = found.and_then(|file| Some((file.clone(), file.kind?))).ok_or_else(unknown)?;
        Ok((file, kind, attachments::content(&mut tx, of, id).await?))
    }

    /// Takes a file away: who added it, or the unit.
    ///
    /// # Errors
    /// [`AppError`] with code `not_yours`, `unknown_plan`, `unknown_file`.
    pub async fn remove_plan_file(
        &self,
        (round, unit): (&RoundId, Option<&str>),
        official: &str,
        id: &[u8; 32],
    ) -> Result<(), AppError> {
        let (mut tx, row) = self.begin_files((round, unit), official).await?;
        let person = self.actor().person()?;
        may_write(person, &row)?;
        let of = (round, &row.unit, official);
        let found = attachments::list(&mut tx, of).await?.into_iter().find(|file| file.id == *id);
        let file = found.ok_or_else(unknown)?;
        if !person.has(Role::Unit) && file.added_by != person.login {
            return Err(AppError::forbidden(
                "not_yours",
                "somebody else added this file: the unit takes it away",
            ));
        }
        attachments::remove(&mut tx, of, id).await?;
        self.commit(tx, "plan_file_removed", &row.unit, format!("{official}: {}", file.name)).await
    }

    async fn begin_files(
        &self,
        (round, unit): (&RoundId, Option<&str>),
        official: &str,
    ) -> Result<(Tx, PlanRow), AppError> {
        let unit = {
            let mut tx = self.begin().await?;
            one(&mut tx, round, unit, official).await?.unit
        };
        let mut tx = self.begin_unit(round, unit.as_str()).await?;
        load_round(&mut tx, round).await?;
        let row = one(&mut tx, round, Some(unit.as_str()), official).await?;
        Ok((tx, row))
    }
}

fn unknown() -> AppError {
    AppError::not_found("unknown_file", "there is no such file at this plan any more; look at the plan again")
}

fn refused(error: AttachmentError) -> AppError {
    match error {
        AttachmentError::Size(_) => AppError::unprocessable("file_size", error),
        AttachmentError::TooMany => AppError::unprocessable("too_many_files", error),
        AttachmentError::Piece { .. } => AppError::unprocessable("file_piece", error),
        AttachmentError::Kind => AppError::unprocessable("file_kind", error),
        AttachmentError::Content => AppError::unprocessable("file_content", error),
    }
}
