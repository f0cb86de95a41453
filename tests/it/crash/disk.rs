//! The disk is full: commands are told to come back, nothing acknowledged is lost, and when there is room again the house
//! goes on by itself (a PostgreSQL that stopped is started again, as its supervisor does).

use super::load::{Load, assert_once_each};
use super::set_up::set_up;
use super::{alone, assert_sound};
use coterie_tests::processes::{ClusterOptions, House, HouseOptions};
use coterie_tests::skip;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Enough for the tables and their log, and filled in a moment.
const SIZE: &str = "size=320m,mode=0700";

/// A small file system in memory, taken away when dropped.
struct Tmpfs(PathBuf);

impl Tmpfs {
    fn mount() -> Option<Self> {
        let base = PathBuf::from(std::env::var_os("COTERIE_PG_DATA")?);
        let place = base.parent()?.join(format!("crash-{}-disk", std::process::id()));
        std::fs::create_dir_all(&place).ok()?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "tmpfs"])
            .arg(&place)
            .output();
        let tmpfs = Self(place);
        mounted.is_ok_and(|ended| ended.status.success()).then_some(tmpfs)
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).output());
        drop(std::fs::remove_dir(&self.0));
    }
}

/// Writes zeros until nothing more fits.
fn fill(place: &Path) {
    let mut file = File::create(place).expect("a file");
    for size in [1 << 20, 1 << 12] {
        let zeros = vec![0; size];
        while file.write_all(&zeros).is_ok() {}
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_ends_when_there_is_room() {
    let _alone = alone().await;
    let test = "crash::disk";
    let Some(tmpfs) = Tmpfs::mount() else {
        skip(test, "no file system can be mounted here");
        return;
    };
    let options = HouseOptions {
        cluster: ClusterOptions {
            folder: Some(tmpfs.0.join("cluster")),
            settings: ["max_wal_size=64MB", "min_wal_size=32MB"].map(str::to_owned).to_vec(),
        },
        ..HouseOptions::default()
    };
    let Some(mut house) = House::start(test, options).await else {
        return;
    };
    let harbour = set_up(&house, 3, 2).await;
    let mut load = Load::start(&house, &harbour);
    load.goes_on(6).await;
    let filler = tmpfs.0.join("filler");
    fill(&filler);
    load.is_turned_away(6).await;
    std::fs::remove_file(&filler).expect("the filler goes");
    if !house.cluster.is_running() {
        println!("PostgreSQL stopped and is started again");
        house.cluster.serve().await;
    }
    house.ready().await;
    load.goes_on(12).await;
    let finished = load.finish().await;
    house.settle(harbour.tenant).await;
    assert_sound(&house, &finished.acknowledged(), true, "after there was room again").await;
    assert_once_each(&house, &harbour, &finished.answered).await;
    let rude: Vec<_> = finished
        .turned_away
        .iter()
        .filter(|one| one.status != 503 || !one.retry_after)
        .collect();
    assert!(rude.is_empty(), "turned away without a time to come back: {rude:?}");
}
