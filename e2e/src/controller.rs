//! Runs the `seaworthy` program against a cluster: as its controller, or for one command.
//!
//! Not here: what the program should do. This crate only runs what was built.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cluster::Cluster;
use crate::error::{Error, IoContext as _, Result, command_line};
use crate::process::{Running, Spawn};
use crate::{Usage, wait_for};

/// The time that a controller has to list everything.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// What else the Deployment of both ways to install sets, so that what is tested and measured is what runs there.
pub const ENVIRONMENT: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "0");

/// The `seaworthy` program: `$SEAWORTHY_BIN`, else the one that cargo built beside this one.
pub fn seaworthy() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("SEAWORTHY_BIN") {
        return Ok(path.into());
    }
    let own = std::env::current_exe().at("find", Path::new("the running program"))?;
    // Tests run from target/<profile>/deps, programs from target/<profile>.
    let beside = own.ancestors().skip(1).take(2).map(|folder| folder.join("seaworthy"));
    beside.into_iter().find(|path| path.is_file()).ok_or(Error::NoSeaworthy)
}

/// A running controller. Dropping it kills it; so does the end of the cluster.
#[derive(Debug)]
pub struct Controller {
    running: Running,
    admin: SocketAddr,
}

impl Controller {
    /// Installs the CustomResourceDefinitions and waits until they are served.
    pub async fn install_crds(cluster: &Cluster) -> Result<()> {
        let program = seaworthy()?;
        let output = tokio::process::Command::new(&program).arg("crds").output().await;
        let output = output.at("run", &program)?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            let command = command_line(&program, &["crds"]);
            return Err(Error::Command { command, status: output.status, stderr });
        }
        cluster.apply(&String::from_utf8_lossy(&output.stdout)).await?;
        cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"]).await?;
        Ok(())
    }

    /// Starts a controller as the cluster's admin, and waits until it has listed everything.
    pub async fn start(cluster: &Cluster) -> Result<Self> {
        let controller = Self::spawn(cluster, cluster.kubeconfig(), &[])?;
        controller.ready().await?;
        Ok(controller)
    }

    /// Starts a controller with a kubeconfig and more arguments, and does not wait.
    pub fn spawn(cluster: &Cluster, kubeconfig: &Path, more: &[&str]) -> Result<Self> {
        let program = seaworthy()?;
        // The port is free now and may be taken before the controller has it; then it says so and ends.
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).at("find a free port on", Path::new("127.0.0.1"))?;
        let admin = listener.local_addr().at("read the port of", Path::new("127.0.0.1"))?;
        drop(listener);
        // A proxy is never meant for loopback, and kube does not look at NO_PROXY.
        let none = OsStr::new("");
        let env = [
            ("KUBECONFIG", kubeconfig.as_os_str()),
            ("HTTPS_PROXY", none),
            ("https_proxy", none),
            ("HTTP_PROXY", none),
            ("http_proxy", none),
            (ENVIRONMENT.0, OsStr::new(ENVIRONMENT.1)),
        ];
        let listen = admin.to_string();
        let mut args = vec!["controller", "--namespace", "default", "--listen", &listen];
        args.extend(more);
        let spawn = Spawn {
            dir: cluster.dir(),
            name: "seaworthy",
            program: &program,
            cwd: cluster.dir(),
            env: &env,
            stdout: None,
        };
        Ok(Self { running: spawn.start(&args)?, admin })
    }

    /// Waits until it has listed everything.
    pub async fn ready(&self) -> Result<()> {
        wait_for("the controller to be ready", READY_WITHIN, || async {
            let answer =
                self.get("/readyz").map_err(|error| format!("{error}; its log: {}", self.log().display()))?;
            Ok::<_, String>(answer.starts_with("HTTP/1.1 200").then_some(()))
        })
        .await
    }

    /// The text of its metrics.
    pub fn metrics(&self) -> Result<String> {
        self.get("/metrics").at("read the metrics of", &self.running.log)
    }

    fn get(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.admin, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// Its log: the whole of it, of all controllers that ran against this cluster.
    pub fn log(&self) -> &Path {
        &self.running.log
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.running.child.id()
    }

    /// What it has used so far.
    pub fn usage(&self) -> Option<Usage> {
        Usage::of(self.pid())
    }

    /// Kills it at once, as a lost node would.
    pub fn kill(mut self) -> Result<()> {
        self.running.child.kill().at("kill", &self.running.log)?;
        self.running.child.wait().at("wait for the end of", &self.running.log)?;
        Ok(())
    }

    /// Tells it to end, and waits until it has; fails when it ends with an error.
    pub async fn stop(mut self) -> Result<()> {
        let pid = self.pid().to_string();
        let told = tokio::process::Command::new("/bin/kill").args(["-TERM", &pid]).status().await;
        told.at("run", Path::new("/bin/kill"))?;
        let status = wait_for("the controller to end", Duration::from_secs(20), || {
            std::future::ready(self.running.child.try_wait())
        })
        .await?;
        if status.success() {
            Ok(())
        } else {
            Err(Error::ControllerFailed { status: status.to_string(), log: self.running.log.clone() })
        }
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        let _ = self.running.child.kill();
        let _ = self.running.child.wait();
    }
}
