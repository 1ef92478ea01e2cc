//! Runs `strict_jose_services::session_single_use` with settings from the environment.

use std::error::Error;
use std::sync::Arc;
use strict_jose_services::config::Settings;
use strict_jose_services::serve::run;
use strict_jose_services::session_single_use::{Service, routes};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let variable = |name: &str| std::env::var(name).ok();
    let service = Arc::new(Service::read(&Settings::new(&variable))?);
    let mut hangup = signal(SignalKind::hangup())?;
    let again = Arc::clone(&service);
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match again.read_sites_again(&Settings::new(&variable)) {
                Ok(()) => tracing::info!("sites read again"),
                Err(problem) => tracing::error!(%problem, "sites stay as they were"),
            }
        }
    });
    let routes = routes(Arc::clone(&service));
    run("session_single_use", routes, async move { service.close_sockets().await }).await?;
    Ok(())
}
