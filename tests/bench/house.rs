//! The whole house in this process, and programs that ask it over HTTP.

use coterie_app::session;
use coterie_domain::organization::Role;
use coterie_tests::{TestStack, chain::Chain, stack_with};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

pub struct House {
    pub stack: TestStack,
    http: reqwest::Client,
}

/// A chain's program, with its key.
#[derive(Clone)]
pub struct Program {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl House {
    pub async fn start() -> Self {
        let stack = stack_with(|config| config.record = false).await;
        for sql in crate::plain::PLAIN_EVENT {
            sqlx::query(sql)
                .execute(&stack.db.owner)
                .await
                .expect("the baseline's table");
        }
        Self {
            stack,
            http: reqwest::Client::new(),
        }
    }

    /// Leaves the files of the log that were written so far to be written again, as on a server that has run for a day: a new server
    /// makes each of them while somebody waits, which takes as long as a hundred bookings.
    pub async fn run_in(&self) {
        sqlx::query("checkpoint")
            .execute(&self.stack.db.owner)
            .await
            .expect("a checkpoint");
    }

    pub async fn program(&self, chain: &Chain) -> Program {
        let (_, key) = session::create_api_key(self.stack.app(), &chain.owner, Role::Owner)
            .await
            .expect("an owner makes keys");
        Program {
            http: self.http.clone(),
            base: self.stack.house.public_url.trim_end_matches('/').to_owned(),
            key,
        }
    }
}

impl Program {
    pub async fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.look(path).await).expect("JSON")
    }

    /// As [`Program::get`], and nobody reads the answer.
    pub async fn look(&self, path: &str) -> String {
        self.answer(self.http.get(format!("{}{path}", self.base))).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> String {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request
            .header("content-type", "application/json")
            .body(body.to_string());
        self.answer(request).await
    }

    /// As [`Program::post`], and any answer will do.
    pub async fn ask(&self, path: &str, body: &Value) -> StatusCode {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.key);
        let request = request
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        answer.bytes().await.expect("a body");
        status
    }

    async fn answer(&self, request: RequestBuilder) -> String {
        let answer = request.bearer_auth(&self.key).send().await.expect("an answer");
        let status = answer.status();
        let body = answer.text().await.expect("a body");
        assert!(status.is_success(), "{status}: {body}");
        body
    }
}
