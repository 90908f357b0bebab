//! The servers of Debian, started for each connection in a mount namespace where the machine's users, passwords and
//! sign-in rules are those of the test. Nothing of the machine changes, and nothing stays.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::{
    fs,
    os::{
        fd::OwnedFd,
        unix::fs::{PermissionsExt, chown, symlink},
    },
    path::{Path, PathBuf},
    process::{Command as Program, Stdio},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, process::Command};

pub(super) const USER: &str = "carrier";
pub(super) const PASSWORD: &str = "correct horse";
/// Of the password, as in shadow(5).
const HASH: &str = "$6$slipway$QOKjEZZghn7s3ufwy9pzDLCXMoFJa9dLy2CSho6DSSQoZTlvXswZzrDHA84hazxsyK4To63KNpxbTmQpJks2N1";
/// No other user has it.
const ID: u32 = 54_321;

const SSHD: &str = "/usr/sbin/sshd";
const VSFTPD: &str = "/usr/sbin/vsftpd";

/// How sshd takes the password.
#[derive(Clone, Copy)]
pub(super) enum Asks {
    Password,
    /// In words of its own.
    Questions,
}

/// What vsftpd insists on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ftp {
    Plain,
    /// Both connections, the second as a continuation of the first.
    Tls,
    /// Names an address that nobody is at.
    Lying,
}

/// A server that listens.
pub(super) struct Server {
    pub(super) port: u16,
    folder: TempDir,
    /// PEM of the authority that its certificate is from.
    pub(super) ca: Option<String>,
}

impl Server {
    pub(super) async fn sshd(asks: Asks) -> Self {
        let mut server = Self::prepare(SSHD);
        for kind in ["ed25519", "rsa"] {
            let key = server.path(&format!("host_{kind}"));
            let made = Program::new("ssh-keygen").args(["-q", "-N", "", "-t", kind, "-f"]).arg(key).status();
            assert!(made.expect("ssh-keygen").success());
        }
        let here = server.folder.path().display();
        let (password, questions) = match asks {
            Asks::Password => ("yes", "no"),
            Asks::Questions => ("no", "yes"),
        };
        let config = format!(
            "HostKey {here}/host_ed25519\nHostKey {here}/host_rsa\nPidFile none\nStrictModes no\nUsePAM yes\n\
            PasswordAuthentication {password}\nKbdInteractiveAuthentication {questions}\n\
            PubkeyAuthentication no\nSubsystem sftp internal-sftp\n"
        );
        fs::write(server.path("config"), config).expect("a file");
        server.serve("sshd", &format!("exec {SSHD} -i -f {here}/config")).await;
        server
    }

    pub(super) async fn vsftpd(kind: Ftp) -> Self {
        let mut server = Self::prepare(VSFTPD);
        let here = server.folder.path().display().to_string();
        let mut config = "listen=NO\nlisten_ipv6=NO\nlocal_enable=YES\nanonymous_enable=NO\nwrite_enable=YES\n\
            local_umask=022\npam_service_name=vsftpd\nsecure_chroot_dir=/run/empty\nseccomp_sandbox=NO\nisolate=NO\n\
            isolate_network=NO\nxferlog_enable=NO\n"
            .to_owned();
        match kind {
            Ftp::Plain => {}
            Ftp::Lying => config.push_str("pasv_address=192.0.2.1\n"),
            Ftp::Tls => {
                server.ca = Some(certify(server.folder.path()));
                config.push_str(&format!(
                    "ssl_enable=YES\nforce_local_logins_ssl=YES\nforce_local_data_ssl=YES\nrequire_ssl_reuse=YES\n\
                    ssl_ciphers=HIGH\nrsa_cert_file={here}/certificate\nrsa_private_key_file={here}/key\n"
                ));
            }
        }
        fs::write(server.path("config"), config).expect("a file");
        server.serve("vsftpd", &format!("mkdir /run/empty; exec {VSFTPD} {here}/config")).await;
        server
    }

    /// A file under the user's home.
    pub(super) fn home(&self, path: &str) -> PathBuf {
        self.folder.path().join("home").join(path)
    }

    /// The public host key of a kind, as in `ssh-ed25519 AAAA…`.
    pub(super) fn host_key(&self, kind: &str) -> String {
        let line = fs::read_to_string(self.path(&format!("host_{kind}.pub"))).expect("a key");
        line.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Users, passwords, and a home with files of all kinds.
    fn prepare(program: &str) -> Self {
        assert!(Path::new(program).exists(), "{program} is missing: `cargo xtask setup` installs it");
        assert!(rustix::process::geteuid().is_root(), "only root can start {program} for a test: become root");
        let folder = TempDir::new().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let home = folder.path().join("home");
        let mut passwd = fs::read_to_string("/etc/passwd").expect("users");
        passwd.push_str(&format!("{USER}:x:{ID}:{ID}::{}:/bin/sh\n", home.display()));
        fs::write(folder.path().join("passwd"), passwd).expect("a file");
        let mut shadow = fs::read_to_string("/etc/shadow").expect("passwords");
        shadow.push_str(&format!("{USER}:{HASH}:20000:0:99999:7:::\n"));
        fs::write(folder.path().join("shadow"), shadow).expect("a file");
        fs::set_permissions(folder.path().join("shadow"), fs::Permissions::from_mode(0o600)).expect("permissions");
        let pam = "auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_permit.so\n";
        fs::write(folder.path().join("pam"), pam).expect("a file");
        fs::create_dir_all(home.join("rates/folder.csv")).expect("a folder");
        for (name, text) in [("a.csv", "one"), ("b.csv", "two two"), (".hidden.csv", "x"), ("c.txt", "x")] {
            fs::write(home.join("rates").join(name), text).expect("a file");
        }
        symlink("/etc/passwd", home.join("rates/link.csv")).expect("a link");
        chown(&home, Some(ID), Some(ID)).expect("an owner");
        Self { port: 0, folder, ca: None }
    }

    /// A process of its own for each connection.
    async fn serve(&mut self, service: &str, then: &str) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        self.port = listener.local_addr().expect("an address").port();
        let here = self.folder.path().display();
        let script = format!(
            "mount --bind {here}/passwd /etc/passwd; mount --bind {here}/shadow /etc/shadow; \
            mount --bind {here}/pam /etc/pam.d/{service}; mount -t tmpfs none /run; mkdir /run/sshd; {then}"
        );
        tokio::spawn(async move {
            let mut children = Vec::new();
            while let Ok((socket, _)) = listener.accept().await {
                let socket = socket.into_std().expect("a socket");
                socket.set_nonblocking(false).expect("a socket that waits");
                let output = socket.try_clone().expect("a socket");
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-ec", &script]).kill_on_drop(true);
                command.stdin(OwnedFd::from(socket)).stdout(OwnedFd::from(output)).stderr(Stdio::null());
                children.push(command.spawn().expect("unshare"));
            }
        });
    }
}

/// Writes a certificate for this machine and its key; PEM of the authority.
fn certify(folder: &Path) -> String {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    fs::write(folder.join("certificate"), certificate.pem()).expect("a file");
    fs::write(folder.join("key"), key.serialize_pem()).expect("a file");
    authority.pem()
}
