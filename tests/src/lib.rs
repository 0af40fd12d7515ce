//! What the end-to-end tests share: a real office, a real server process, real tablets.

pub mod browser;
pub mod clock;
pub mod database;
pub mod device;
pub mod door;
pub mod hall;
pub mod hosts;
pub mod link;
pub mod mail;
pub mod notices;
pub mod office;
pub mod outputs;
pub mod paper;
pub mod record;
pub mod server;
pub mod traces;
pub mod years;
