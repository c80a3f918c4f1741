"""Dialplan functions that reach outside: files, web servers, databases, through the real daemon."""
import http.server
import os
import pathlib
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import unittest

from harness import Daemon, DaemonTest, eventually, free_port, loopback_address

EXTENSIONS = "CREATE TABLE extensions (context TEXT, exten TEXT, priority INTEGER, app TEXT, appdata TEXT)"
PEOPLE = "CREATE TABLE people (name TEXT, number TEXT)"
POSTGRES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))


class Answer(http.server.BaseHTTPRequestHandler):
    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = (self.rfile.read(length).decode() or "nothing") + " " + (self.headers.get("X-Test") or "-") + "\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Functions(DaemonTest):
    config = {
        "res_config_sqlite3.conf": "[main]\ndbfile = @TREE@/people.sqlite3\n",
        "extconfig.conf": "[settings]\npeople => sqlite3,main\nextensions => sqlite3,main\n",
        "extensions.conf": """
[outside]
switch => Realtime/
[default]
exten => file,1,Set(FILE(@TREE@/note.txt,,,al)=one)
 same => n,Set(FILE(@TREE@/note.txt,,,al)=two)
 same => n,UserEvent(Done,Text: ${FILE(@TREE@/note.txt,1,1,l):0:-1} ${FILE_COUNT_LINE(@TREE@/note.txt)})
exten => row,1,Set(REALTIME_STORE(people,name,number)=eve,300)
 same => n,Set(REALTIME(people,name,eve,number)=301)
 same => n,Set(HASH(who)=${REALTIME_HASH(people,name,eve)})
 same => n,UserEvent(Done,Text: ${HASH(who,number)} ${REALTIME(people,name,bob)})
exten => _curl.,1,Set(CURLOPT(httpheader)=X-Test: yes)
 same => n,UserEvent(Done,Text: ${CURL(http://127.0.0.1:${EXTEN:4}/x,{"a":"b"})})
exten => lock,1,Set(A=${LOCK(door)})
 same => n,UserEvent(Done,Text: ${A}${TRYLOCK(door)}${UNLOCK(door)})
exten => wait,1,Answer()
 same => n,Wait(5)
""",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with sqlite3.connect(cls.daemon.tree / "people.sqlite3") as database:
            database.execute(PEOPLE)
            database.execute("INSERT INTO people VALUES ('bob', '200')")
            database.execute(EXTENSIONS)
            database.execute("INSERT INTO extensions VALUES ('outside', '_7X', 1, 'UserEvent', 'Done,Text: ${EXTEN}')")

    def run_extension(self, exten, context="default"):
        with self.daemon.ami() as ami:
            ami.action("Originate", Channel="Local/wait@default", Context=context, Exten=exten, Priority="1", **{"Async": "yes"})
            return ami.wait_event("UserEvent", UserEvent="Done")["Text"]

    def test_files(self):
        self.assertEqual(self.run_extension("file"), "two 2")

    def test_rows(self):
        # UserEvent takes what follows the comma for another header.
        self.assertEqual(self.run_extension("row"), "301 name=bob")

    def test_extensions_in_a_table(self):
        self.assertEqual(self.run_extension("75", "outside"), "75")

    def test_locks(self):
        self.assertEqual(self.run_extension("lock"), "111")

    def test_web_server(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            # Quotes go, as in all arguments.
            self.assertEqual(self.run_extension(f"curl{server.server_port}"), "{a:b} yes")
        finally:
            server.shutdown()
            server.server_close()

    def test_the_manager_waits_too(self):
        path = self.daemon.tree / "by-manager.sqlite3"
        with self.daemon.ami() as ami:
            got = ami.action("Getvar", Variable="REALTIME_FIELD(people,name,bob,number)")
            self.assertEqual(got["Value"], "200")
            self.assertEqual(ami.action("Getvar", Variable="AMI_CLIENT(admin,sessions)")["Value"], "1")
            refused = ami.action("Setvar", Variable=f"FILE({path})", Value="x")
            self.assertEqual(refused["Response"], "Error")
            self.assertFalse(path.exists())


@unittest.skipUnless(POSTGRES, "PostgreSQL's server is not installed")
class Postgres(unittest.TestCase):
    def setUp(self):
        user = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="asterism-pg-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.as_user = {"user": user.pw_uid, "group": user.pw_gid} if os.getuid() == 0 else {}
        self.address = loopback_address()
        self.port = free_port(self.address)
        self.bin = POSTGRES[-1].parent
        self.tool("initdb", "-D", self.folder / "data", "-A", "trust", "-U", "asterisk", "--no-sync")
        self.server = subprocess.Popen(
            [self.bin / "postgres", "-D", self.folder / "data", "-h", self.address, "-p", str(self.port), "-k", "", "-F"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self.as_user)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.terminate)
        eventually(lambda: self.sql("SELECT 1").returncode == 0, "PostgreSQL", timeout=60, step=0.2)

    def tool(self, name, *arguments):
        subprocess.run([self.bin / name, *arguments], check=True, capture_output=True, cwd="/", **self.as_user)

    def sql(self, text):
        return subprocess.run([self.bin / "psql", "-h", self.address, "-p", str(self.port), "-U", "asterisk", "postgres", "-tAc", text],
                              capture_output=True, text=True)

    def test_rows(self):
        self.sql(PEOPLE)
        self.sql("INSERT INTO people VALUES ('bob', NULL)")
        self.sql(EXTENSIONS)
        self.sql("INSERT INTO extensions VALUES ('outside', '_7X', 1, 'UserEvent', 'Done,Text: ${EXTEN}')")
        daemon = Daemon({
            "res_pgsql.conf": f"[general]\ndbhost = {self.address}\ndbport = {self.port}\ndbname = postgres\ndbuser = asterisk\n",
            "extconfig.conf": "[settings]\npeople => pgsql,general\nextensions => pgsql,general\n",
            "extensions.conf": "[default]\nexten => wait,1,Answer()\n same => n,Wait(5)\n[outside]\nswitch => Realtime/\n"})
        daemon.start()
        try:
            with daemon.ami() as ami:
                self.assertEqual(ami.action("Setvar", Variable="REALTIME_STORE(people,name,number)", Value="eve,300")["Response"], "Success")
                self.assertEqual(ami.action("Getvar", Variable="REALTIME(people,NAME LIKE,e%)")["Value"], "name=eve,number=300")
                self.assertEqual(ami.action("Getvar", Variable="REALTIME(people,name,bob)")["Value"], "name=bob")
                self.assertEqual(ami.action("Setvar", Variable="REALTIME(people,name,bob,number)", Value="2'0")["Response"], "Success")
                self.assertEqual(self.sql("SELECT number FROM people WHERE name = 'bob'").stdout, "2'0\n")
                self.assertEqual(ami.action("Getvar", Variable="REALTIME(nobody,a,b)")["Value"], "")
                ami.action("Originate", Channel="Local/wait@default", Context="outside", Exten="75", Priority="1", **{"Async": "yes"})
                self.assertEqual(ami.wait_event("UserEvent", UserEvent="Done")["Text"], "75")
        finally:
            daemon.stop()
            daemon.remove()


if __name__ == "__main__":
    unittest.main()
