//! `homphieu`: the centre, the trustees' tools and the demo in one program.

fn main() -> std::process::ExitCode {
    homphieu_server::cli::main()
}
