//! Documents as they come out: their text, their pages, and what stands where.

mod common;
mod contents;
mod first;
mod hostile;
mod samples;
mod tables;
