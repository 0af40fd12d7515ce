//! A parcel: a file of messages, acknowledgements and boxes.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("parcel");
