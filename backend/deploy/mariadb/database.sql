-- The database and its two users, for MariaDB 10.6 and MySQL 8 or newer. Change the passwords. The '%' lets a user in from
-- every host: name the servers' network instead, such as '10.0.0.%'.
CREATE DATABASE IF NOT EXISTS aikagi CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- For aikagi serve and every other command.
CREATE USER 'aikagi'@'%' IDENTIFIED BY 'SERVE-PASSWORD';
GRANT SELECT, INSERT, UPDATE, DELETE ON aikagi.* TO 'aikagi'@'%';

-- For aikagi migrate alone: it makes and changes tables.
CREATE USER 'aikagi_migrate'@'%' IDENTIFIED BY 'MIGRATE-PASSWORD';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON aikagi.* TO 'aikagi_migrate'@'%';
