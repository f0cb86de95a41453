//! The SQL that a booking cannot do without, played by pgbench in a database of its own that nobody follows: the room's
//! lock, the hour, the charge's row, and the append of the very events that the API's booking left.

use crate::measure::CLIENTS;
use coterie_tests::{Database, database};
use std::{path::PathBuf, time::Duration};
use tokio::process::Command;
use uuid::Uuid;

const SCRIPT: &str = r"\set n :n + 1
begin;
select set_config('app.tenant', :tenant, true);
select terms from resource_lock where tenant_id = :tenant::uuid and resource_id = :room::uuid for update;
insert into reservation (tenant_id, booking_id, resource_id, blocked)
values (:tenant::uuid, gen_random_uuid(), :room::uuid,
        tstzrange(timestamptz '2026-01-21' + :n * interval '1 hour', timestamptz '2026-01-21' + (:n + 1) * interval '1 hour'));
insert into charge_guard (tenant_id, charge_id, kind, payer_kind, payer_id, legal_entity_id, service_from, billable_on)
values (:tenant::uuid, gen_random_uuid(), 'booking', 'member', :room::uuid, :room::uuid, date '2026-01-21', date '2026-01-22');
select append_events(:tenant::uuid, now(), 1790000000000000, now(), 'bench', gen_random_uuid(), gen_random_uuid(), null,
    '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'::bytea,
    '\x0011223344556677'::bytea, array['bench', 'bench', 'bench'], array[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()],
    array[1, 1, 1]::bigint[], array['BookingConfirmed', 'ChargeMade', 'JournalEntryPosted'], array[1, 1, 1]::smallint[],
    array[:first, :second, :third]::text[], array[:first_hashed, :second_hashed, :third_hashed]::bytea[],
    '{}'::uuid[], '{}'::bigint[], null, null, null);
commit;
";

pub struct Bare {
    database: Database,
    /// A chain and a room of it for each client.
    clients: Vec<(Uuid, Uuid)>,
    script: PathBuf,
    payloads: Vec<String>,
    /// Hours that are taken already.
    taken: usize,
}

impl Bare {
    /// `payloads` are those of a booking's three events.
    pub async fn new(payloads: Vec<String>) -> Self {
        assert_eq!(payloads.len(), 3, "a booking, its charge, its entry");
        let database = database().await;
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            let (tenant, room) = (Uuid::now_v7(), Uuid::now_v7());
            sqlx::query("insert into resource_lock (tenant_id, resource_id) values ($1, $2)")
                .bind(tenant)
                .bind(room)
                .execute(&database.owner)
                .await
                .expect("a room");
            clients.push((tenant, room));
        }
        let script = std::env::temp_dir().join(format!("coterie-bare-{}.sql", std::process::id()));
        std::fs::write(&script, SCRIPT).expect("a script");
        Self {
            database,
            clients,
            script,
            payloads,
            taken: 0,
        }
    }

    /// Transactions per second of all clients together; `None` where there is no pgbench.
    pub async fn turn(&mut self, length: Duration) -> Option<f64> {
        let programs = PathBuf::from(std::env::var_os("COTERIE_PG_BIN").unwrap_or_default());
        let running: Option<Vec<_>> = self
            .clients
            .iter()
            .map(|(tenant, room)| {
                let mut command = Command::new(programs.join("pgbench"));
                command.args(["--no-vacuum", "--protocol=prepared", "--client=1"]);
                command.arg(format!("--time={}", length.as_secs()));
                command.arg(format!("--file={}", self.script.display()));
                let mut define = |name: &str, value: &str| {
                    command.arg(format!("--define={name}={value}"));
                };
                define("tenant", &tenant.to_string());
                define("room", &room.to_string());
                define("n", &self.taken.to_string());
                for (name, payload) in ["first", "second", "third"].into_iter().zip(&self.payloads) {
                    define(name, payload);
                    let hex = payload
                        .bytes()
                        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
                    define(&format!("{name}_hashed"), &format!("\\x{hex}"));
                }
                command.arg(self.database.url(Some("coterie_app")));
                command.stdout(std::process::Stdio::piped()).spawn().ok()
            })
            .collect();
        let mut per_second = 0.0;
        for child in running? {
            let said = child.wait_with_output().await.expect("pgbench ends");
            assert!(said.status.success(), "pgbench failed");
            let said = String::from_utf8_lossy(&said.stdout);
            let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
            let rate = rate.and_then(|rate| rate.split(' ').next()?.parse::<f64>().ok());
            per_second += rate.expect("pgbench says how fast it was");
        }
        // More than any client can have had.
        self.taken += 20_000;
        Some(per_second)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // What is left is a small file among other temporary ones.
        std::fs::remove_file(&self.script).ok();
    }
}
