//! Frames of a QR series, as a camera reads them.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("qr");
