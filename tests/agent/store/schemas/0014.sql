BEGIN TRANSACTION;
CREATE TABLE agreement (
	matter VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_agreement PRIMARY KEY (matter)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0014');
CREATE TABLE autonomy (
	product VARCHAR NOT NULL, 
	remedy VARCHAR NOT NULL, 
	autonomy VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	at DATETIME NOT NULL, verb VARCHAR, args JSON, reversible BOOLEAN, 
	CONSTRAINT pk_autonomy PRIMARY KEY (product, remedy)
);
CREATE TABLE breaker (
	product VARCHAR NOT NULL, 
	firmware VARCHAR NOT NULL, 
	remedy VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	counts_after INTEGER NOT NULL, 
	trials INTEGER NOT NULL, 
	why VARCHAR NOT NULL, 
	CONSTRAINT pk_breaker PRIMARY KEY (product, firmware, remedy)
);
CREATE TABLE broker_count (
	id INTEGER NOT NULL, 
	count BIGINT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_broker_count PRIMARY KEY (id)
);
CREATE TABLE broker_loss (
	id INTEGER NOT NULL, 
	messages BIGINT NOT NULL, 
	since DATETIME, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_broker_loss PRIMARY KEY (id)
);
CREATE TABLE command (
	id VARCHAR NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	device_id VARCHAR NOT NULL, 
	remedy VARCHAR NOT NULL, 
	verb VARCHAR NOT NULL, 
	args JSON NOT NULL, 
	state VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	not_after DATETIME NOT NULL, 
	sent_at DATETIME, 
	answered_at DATETIME, 
	detail VARCHAR NOT NULL, 
	approved_by VARCHAR, leave_by DATETIME, boot VARCHAR DEFAULT '' NOT NULL, "before" JSON DEFAULT '{}' NOT NULL, earlier JSON, undoes VARCHAR, only_once BOOLEAN DEFAULT 0 NOT NULL, product VARCHAR DEFAULT '' NOT NULL, firmware VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_command PRIMARY KEY (id), 
	CONSTRAINT fk_command_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE consent (
	id INTEGER NOT NULL, 
	customer_id VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	granted BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_consent PRIMARY KEY (id), 
	CONSTRAINT fk_consent_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id)
);
CREATE TABLE cursor (
	name VARCHAR NOT NULL, 
	"offset" INTEGER NOT NULL, 
	CONSTRAINT pk_cursor PRIMARY KEY (name)
);
CREATE TABLE customer (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	lang VARCHAR NOT NULL, 
	zone VARCHAR NOT NULL, 
	quiet_from INTEGER NOT NULL, 
	quiet_to INTEGER NOT NULL, 
	good_hour INTEGER NOT NULL, 
	tell_about_fixes BOOLEAN NOT NULL, 
	CONSTRAINT pk_customer PRIMARY KEY (id)
);
CREATE TABLE device (
	id VARCHAR NOT NULL, 
	product VARCHAR NOT NULL, 
	firmware VARCHAR NOT NULL, 
	serial VARCHAR NOT NULL, 
	boot VARCHAR NOT NULL, 
	customer_id VARCHAR, 
	birth JSON NOT NULL, 
	online BOOLEAN NOT NULL, 
	busy BOOLEAN NOT NULL, 
	has_clock BOOLEAN NOT NULL, 
	off_on_purpose BOOLEAN NOT NULL, 
	first_seen_at DATETIME NOT NULL, 
	status_at DATETIME NOT NULL, 
	missed INTEGER NOT NULL, 
	CONSTRAINT pk_device PRIMARY KEY (id), 
	CONSTRAINT fk_device_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id)
);
CREATE TABLE erasure (
	id VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR NOT NULL, 
	devices INTEGER NOT NULL, 
	tickets INTEGER NOT NULL, 
	samples INTEGER NOT NULL, 
	unforgotten JSON NOT NULL, 
	CONSTRAINT pk_erasure PRIMARY KEY (id)
);
CREATE TABLE erasure_request (
	customer_id VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_erasure_request PRIMARY KEY (customer_id), 
	CONSTRAINT fk_erasure_request_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id)
);
CREATE TABLE finding (
	id INTEGER NOT NULL, 
	device_id VARCHAR NOT NULL, 
	ticket_id INTEGER, 
	at DATETIME NOT NULL, 
	kind VARCHAR NOT NULL, 
	score FLOAT NOT NULL, 
	because JSON NOT NULL, 
	code VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	CONSTRAINT pk_finding PRIMARY KEY (id), 
	CONSTRAINT fk_finding_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE freeze (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	fault VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	place VARCHAR NOT NULL, 
	product VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	lifted_at DATETIME, 
	lifted_by VARCHAR, 
	CONSTRAINT pk_freeze PRIMARY KEY (id), 
	CONSTRAINT fk_freeze_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_freeze_ticket_id UNIQUE (ticket_id)
);
CREATE TABLE halt (
	id INTEGER NOT NULL, 
	halted BOOLEAN NOT NULL, 
	"by" VARCHAR NOT NULL, 
	why VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_halt PRIMARY KEY (id)
);
CREATE TABLE impression (
	ticket_id INTEGER NOT NULL, 
	product VARCHAR NOT NULL, 
	firmware VARCHAR NOT NULL, 
	playbook_version VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	signs JSON NOT NULL, 
	chances JSON NOT NULL, 
	drift FLOAT NOT NULL, 
	leader VARCHAR, 
	led_since DATETIME, 
	began_at DATETIME NOT NULL, 
	confirmed VARCHAR, 
	ruled_out JSON NOT NULL, 
	source VARCHAR NOT NULL, 
	learned_at DATETIME, 
	failed_at DATETIME, 
	over_at DATETIME, 
	CONSTRAINT pk_impression PRIMARY KEY (ticket_id), 
	CONSTRAINT fk_impression_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE learner (
	product VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	state JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_learner PRIMARY KEY (product)
);
CREATE TABLE message (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	customer_id VARCHAR, 
	stage VARCHAR NOT NULL, 
	occasion VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	lang VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	why VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	sent_at DATETIME, 
	CONSTRAINT pk_message PRIMARY KEY (id), 
	CONSTRAINT fk_message_customer_id FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT fk_message_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_message_ticket_id_stage_occasion_channel UNIQUE (ticket_id, stage, occasion, channel)
);
CREATE TABLE notice (
	id INTEGER NOT NULL, 
	product VARCHAR NOT NULL, 
	firmware VARCHAR NOT NULL, 
	metric VARCHAR NOT NULL, 
	moved INTEGER NOT NULL, 
	watched INTEGER NOT NULL, 
	text VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_notice PRIMARY KEY (id), 
	CONSTRAINT uq_notice_product_firmware_metric UNIQUE (product, firmware, metric)
);
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	payload JSON NOT NULL, 
	due_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	done_at DATETIME, 
	error VARCHAR NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT uq_outbox_key UNIQUE ("key")
);
CREATE TABLE outcome (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	remedy VARCHAR NOT NULL, 
	fault VARCHAR, 
	product VARCHAR NOT NULL, 
	firmware VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	at DATETIME NOT NULL, command_id VARCHAR DEFAULT '' NOT NULL, playbook VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_outcome PRIMARY KEY (id), 
	CONSTRAINT fk_outcome_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE promise (
	ticket_id INTEGER NOT NULL, 
	product VARCHAR NOT NULL, 
	fault VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	early_at DATETIME NOT NULL, 
	late_at DATETIME NOT NULL, 
	basis VARCHAR NOT NULL, 
	alike INTEGER NOT NULL, 
	within INTEGER NOT NULL, 
	ending VARCHAR, 
	ended_at DATETIME, 
	off_days FLOAT, 
	CONSTRAINT pk_promise PRIMARY KEY (ticket_id), 
	CONSTRAINT fk_promise_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE quarantine (
	id INTEGER NOT NULL, 
	device_id VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	example VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	first_at DATETIME NOT NULL, 
	last_at DATETIME NOT NULL, 
	CONSTRAINT pk_quarantine PRIMARY KEY (id)
);
CREATE TABLE rating (
	ticket_id INTEGER NOT NULL, 
	score INTEGER NOT NULL, 
	comment VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_rating PRIMARY KEY (ticket_id), 
	CONSTRAINT fk_rating_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE sighting (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	device_id VARCHAR NOT NULL, 
	product VARCHAR NOT NULL, 
	firmware VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	fault VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_sighting PRIMARY KEY (id), 
	CONSTRAINT fk_sighting_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE sign_count (
	product VARCHAR NOT NULL, 
	fault VARCHAR NOT NULL, 
	signature VARCHAR NOT NULL, 
	seen INTEGER NOT NULL, 
	followed INTEGER NOT NULL, 
	CONSTRAINT pk_sign_count PRIMARY KEY (product, fault, signature)
);
CREATE TABLE slot (
	id INTEGER NOT NULL, 
	technician_id VARCHAR NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	visit_id INTEGER, 
	CONSTRAINT pk_slot PRIMARY KEY (id), 
	CONSTRAINT fk_slot_technician_id FOREIGN KEY(technician_id) REFERENCES technician (id), 
	CONSTRAINT uq_slot_technician_id_starts_at UNIQUE (technician_id, starts_at)
);
CREATE TABLE staff (
	name VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	password_hash VARCHAR NOT NULL, 
	session_salt VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_staff PRIMARY KEY (name)
);
CREATE TABLE staff_token (
	hash VARCHAR NOT NULL, 
	staff VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_staff_token PRIMARY KEY (hash), 
	CONSTRAINT fk_staff_token_staff FOREIGN KEY(staff) REFERENCES staff (name)
);
CREATE TABLE story (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	CONSTRAINT pk_story PRIMARY KEY (id), 
	CONSTRAINT fk_story_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE TABLE technician (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	zone VARCHAR NOT NULL, 
	skills JSON NOT NULL, 
	CONSTRAINT pk_technician PRIMARY KEY (id)
);
CREATE TABLE ticket (
	id INTEGER NOT NULL, 
	device_id VARCHAR NOT NULL, 
	product VARCHAR NOT NULL, 
	fault VARCHAR, 
	probability FLOAT NOT NULL, 
	state VARCHAR NOT NULL, 
	opened_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	playbook_version VARCHAR NOT NULL, 
	explanation VARCHAR NOT NULL, 
	closed_at DATETIME, 
	due_at DATETIME, 
	verify_from DATETIME, 
	verify_by DATETIME, 
	fails_by DATETIME, 
	owner VARCHAR, 
	resolution VARCHAR NOT NULL, 
	tried JSON NOT NULL, 
	chart JSON NOT NULL, parent_id INTEGER, gathers BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_ticket PRIMARY KEY (id), 
	CONSTRAINT fk_ticket_device_id FOREIGN KEY(device_id) REFERENCES device (id)
);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql)VALUES('table','ticket_words','ticket_words',0,'CREATE VIRTUAL TABLE ticket_words USING fts5(device_id, fault, explanation, resolution, content=''ticket'', content_rowid=''id'', tokenize=''trigram'')');
CREATE TABLE 'ticket_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO "ticket_words_config" VALUES('version',4);
CREATE TABLE 'ticket_words_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO "ticket_words_data" VALUES(1,X'0000000000');
INSERT INTO "ticket_words_data" VALUES(10,X'00000000000000');
CREATE TABLE 'ticket_words_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
CREATE TABLE 'ticket_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE token (
	hash VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_token PRIMARY KEY (hash)
);
CREATE TABLE visit (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	technician_id VARCHAR NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	state VARCHAR NOT NULL, 
	uid VARCHAR NOT NULL, 
	sequence INTEGER NOT NULL, 
	parts JSON NOT NULL, 
	report VARCHAR NOT NULL, 
	CONSTRAINT pk_visit PRIMARY KEY (id), 
	CONSTRAINT fk_visit_technician_id FOREIGN KEY(technician_id) REFERENCES technician (id), 
	CONSTRAINT fk_visit_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_visit_uid UNIQUE (uid)
);
CREATE INDEX ix_command_device_created ON command (device_id, created_at);
CREATE UNIQUE INDEX uq_command_in_flight ON command (device_id) WHERE state IN ('queued', 'sent', 'accepted');
CREATE INDEX ix_customer_email ON customer (email);
CREATE INDEX ix_outbox_done_at ON outbox (done_at);
CREATE INDEX ix_outbox_due_at ON outbox (due_at);
CREATE INDEX ix_quarantine_device_id ON quarantine (device_id);
CREATE INDEX ix_token_subject ON token (subject);
CREATE INDEX ix_consent_customer_id ON consent (customer_id);
CREATE INDEX ix_device_customer_id ON device (customer_id);
CREATE INDEX ix_device_product ON device (product);
CREATE INDEX ix_slot_starts_at ON slot (starts_at);
CREATE INDEX ix_slot_visit_id ON slot (visit_id);
CREATE INDEX ix_staff_token_staff ON staff_token (staff);
CREATE INDEX ix_ticket_device_id ON ticket (device_id);
CREATE INDEX ix_ticket_due_at ON ticket (due_at);
CREATE INDEX ix_ticket_opened_at ON ticket (opened_at);
CREATE INDEX ix_command_state ON command (state);
CREATE INDEX ix_command_ticket_id ON command (ticket_id);
CREATE INDEX ix_finding_at ON finding (at);
CREATE INDEX ix_finding_device_id ON finding (device_id);
CREATE INDEX ix_finding_ticket_id ON finding (ticket_id);
CREATE INDEX ix_message_customer_id ON message (customer_id);
CREATE INDEX ix_message_due_at ON message (due_at);
CREATE INDEX ix_message_ticket_id ON message (ticket_id);
CREATE INDEX ix_outcome_remedy ON outcome (remedy);
CREATE INDEX ix_outcome_ticket_id ON outcome (ticket_id);
CREATE INDEX ix_story_ticket_id ON story (ticket_id);
CREATE INDEX ix_visit_starts_at ON visit (starts_at);
CREATE INDEX ix_visit_ticket_id ON visit (ticket_id);
CREATE INDEX ix_device_figures ON device (online, has_clock, missed);
CREATE INDEX ix_ticket_state_changed ON ticket (state, changed_at);
CREATE INDEX ix_outcome_record ON outcome (product, fault, remedy, outcome);
CREATE INDEX ix_message_state ON message (state);
CREATE INDEX ix_rating_score ON rating (score);
CREATE INDEX ix_rating_at_score ON rating (at, score);
CREATE TRIGGER ticket_words_added AFTER INSERT ON ticket BEGIN INSERT INTO ticket_words(rowid, device_id, fault, explanation, resolution) VALUES (new.id, new.device_id, new.fault, new.explanation, new.resolution); END;
CREATE TRIGGER ticket_words_changed AFTER UPDATE OF device_id, fault, explanation, resolution ON ticket BEGIN INSERT INTO ticket_words(ticket_words, rowid, device_id, fault, explanation, resolution) VALUES ('delete', old.id, old.device_id, old.fault, old.explanation, old.resolution); INSERT INTO ticket_words(rowid, device_id, fault, explanation, resolution) VALUES (new.id, new.device_id, new.fault, new.explanation, new.resolution); END;
CREATE TRIGGER ticket_words_gone AFTER DELETE ON ticket BEGIN INSERT INTO ticket_words(ticket_words, rowid, device_id, fault, explanation, resolution) VALUES ('delete', old.id, old.device_id, old.fault, old.explanation, old.resolution); END;
CREATE INDEX ix_impression_product ON impression (product);
CREATE INDEX ix_promise_ending ON promise (ending);
CREATE INDEX ix_promise_product ON promise (product);
CREATE INDEX ix_notice_at ON notice (at);
CREATE INDEX ix_ticket_parent_id ON ticket (parent_id);
CREATE INDEX ix_command_sent_at ON command (sent_at);
CREATE INDEX ix_outcome_breaker ON outcome (product, firmware, remedy, id);
CREATE INDEX ix_sighting_fault_at ON sighting (fault, at);
CREATE INDEX ix_sighting_ticket_id ON sighting (ticket_id);
CREATE INDEX ix_freeze_at ON freeze (at);
CREATE INDEX ix_ticket_state ON ticket (state);
CREATE INDEX ix_command_created_at ON command (created_at);
CREATE INDEX ix_broker_loss_since ON broker_loss (since);
CREATE INDEX ix_broker_loss_until ON broker_loss (until);
CREATE INDEX ix_outcome_command_id ON outcome (command_id);
CREATE INDEX ix_ticket_device_fault ON ticket (device_id, fault);
CREATE INDEX ix_ticket_under_treatment ON ticket (product) WHERE (state IN ('fixing', 'verifying') OR verify_by IS NOT NULL);
PRAGMA writable_schema=OFF;
COMMIT;
