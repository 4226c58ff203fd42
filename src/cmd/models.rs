//! stub
use super::App;
use crate::error::Exit;
/// x
#[derive(Debug, clap::Args)]
pub struct Args {}
/// x
pub fn run(_: &mut App, _: &Args) -> anyhow::Result<Exit> {
    Ok(Exit::OK)
}
