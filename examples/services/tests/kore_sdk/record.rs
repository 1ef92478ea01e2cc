//! What a client asks and is answered: which members, not which values.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use url::form_urlencoded;

/// The steps of an exchange, in the order of their answers.
#[derive(Clone, Default)]
pub struct Exchange(Arc<Mutex<Vec<Value>>>);

impl Exchange {
    pub fn steps(&self) -> Vec<Value> {
        self.0.lock().unwrap().clone()
    }

    /// The place of the first step with this request.
    pub fn first(&self, request: &str) -> Option<usize> {
        self.steps().iter().position(|step| step["request"] == json!(request))
    }

    pub fn count(&self, request: &str) -> usize {
        self.steps().iter().filter(|step| step["request"] == json!(request)).count()
    }

    /// A message of a socket, as the page has it.
    pub fn message(&self, message: &Value) {
        self.0.lock().unwrap().push(shape(message));
    }

    /// Compares the different steps with those of the file. Their order is not the client's alone: a browser asks
    /// for several things at once.
    pub fn compare(&self, file: &Path) {
        let steps: BTreeSet<String> = self.steps().iter().map(Value::to_string).collect();
        let text = format!("[\n  {}\n]\n", steps.into_iter().collect::<Vec<_>>().join(",\n  "));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(file, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(file).unwrap(), "the client asks otherwise");
    }
}

/// Records what these routes are asked and answer.
pub fn recorded(routes: Router, name: &'static str, exchange: &Exchange) -> Router {
    let exchange = exchange.clone();
    routes.layer(middleware::from_fn_with_state((name, exchange), record))
}

async fn record(
    State((name, exchange)): State<(&'static str, Exchange)>,
    request: Request,
    next: Next,
) -> Response {
    let asked = format!("{} {}", request.method(), request.uri().path());
    let query = request.uri().query().map(|query| names(query.as_bytes()));
    let (parts, body) = request.into_parts();
    let content = to_bytes(body, usize::MAX).await.unwrap();
    let mut step = json!({
        "to": name,
        "request": asked,
        "query": query,
        "content_type": text(&parts.headers, header::CONTENT_TYPE),
        "authorization": text(&parts.headers, header::AUTHORIZATION)
            .and_then(|value| Some(value.split_once(' ')?.0.to_owned())),
        "cookies": parts.headers.contains_key(header::COOKIE).then_some(true),
        "members": members(&content),
    });
    let response = next.run(Request::from_parts(parts, Body::from(content))).await;
    step["status"] = json!(response.status().as_u16());
    let response = if response.status().is_informational() {
        response // a socket, which has no body
    } else {
        let (parts, body) = response.into_parts();
        let content = to_bytes(body, usize::MAX).await.unwrap();
        step["answer"] = members(&content);
        Response::from_parts(parts, Body::from(content))
    };
    step.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    exchange.0.lock().unwrap().push(step);
    response
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

/// The members of a JSON text, or of a form.
fn members(content: &Bytes) -> Value {
    match serde_json::from_slice(content) {
        _ if content.is_empty() => Value::Null,
        Ok(value) => shape(&value),
        Err(_) => names(content),
    }
}

fn names(form: &[u8]) -> Value {
    form_urlencoded::parse(form).map(|(name, _)| name.into_owned()).collect()
}

/// The value with every text and number by its kind, but for what says which message it is.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = ["type", "from", "resourceid", "client", "event"];
            let shown = members.iter().map(|(name, value)| {
                let is_kept = kept.contains(&name.as_str());
                (name.clone(), if is_kept { value.clone() } else { shape(value) })
            });
            Value::Object(shown.collect())
        }
        Value::Array(values) => values.iter().map(shape).collect(),
        Value::String(text) if text.is_empty() => json!(""),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        other => other.clone(),
    }
}
