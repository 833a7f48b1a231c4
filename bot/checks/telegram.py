"""What `check` asks of Telegram: the token, the bot's name, the clock, the way in, the admins."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from bot.checks.check import Check
from bot.config import SECRET_VARIABLE, Config, ConfigError, read_token
from bot.telegram_questions import Me, Questions, TokenRefused, Unreachable, Webhook

CLOCKS_DIFFER = timedelta(minutes=5)


def telegram(config: Config, now: datetime, environment: Mapping[str, str]) -> Iterator[Check]:
    """Look at the token, at what Telegram says of the bot, at the way in, and at the admins."""
    if config.telegram.update_mode == "webhook" and not environment.get(SECRET_VARIABLE, "").strip():
        yield Check("webhook", "wrong", f"{SECRET_VARIABLE} is not set", "put a long random word into it")
    try:
        token = read_token(dict(environment))
    except ConfigError as error:
        yield Check("token", "wrong", str(error), "ask BotFather (/token) and put it into the environment")
        yield _admins(config, {})
        return
    yield Check("token", "ok", "set, and has a token's form")
    with Questions(config.telegram.api_base_url, token) as asked:
        yield from _answers(config, now, asked)


def _answers(config: Config, now: datetime, asked: Questions) -> Iterator[Check]:
    base = config.telegram.api_base_url
    try:
        me = asked.me()
    except TokenRefused:
        told = f"{base} knows no bot with this token"
        yield Check("telegram", "wrong", told, "put the token that BotFather gave into the environment again")
        yield _admins(config, {})
        return
    except Unreachable as error:
        told = f"{base} does not answer ({error})"
        yield Check("telegram", "warning", told, "check the network and [telegram] api_base_url, then look again")
        yield _admins(config, {})
        return
    yield _name(config, me)
    try:
        yield _way_in(config, asked.webhook())
        yield _admins(config, {admin: asked.knows_chat(admin) for admin in config.access.admins})
    except Unreachable as error:
        yield Check("telegram", "warning", f"{base} stopped answering ({error})", "look again")
    if me.server_time is not None and abs(me.server_time - now) > CLOCKS_DIFFER:
        minutes = int(abs(me.server_time - now).total_seconds() // 60)
        told = f"{minutes} minutes apart from Telegram's"
        yield Check("clock against telegram", "warning", told, "set the machine's clock (timedatectl set-ntp true)")


def _name(config: Config, me: Me) -> Check:
    named = config.telegram.bot_username
    if named is not None and named.casefold() != me.username.casefold():
        told = f"the token is @{me.username}'s, but [telegram] bot_username is {named!r}: links lead elsewhere"
        return Check("telegram", "wrong", told, "take bot_username out of the settings, or use the other token")
    return Check("telegram", "ok", f"answers; the bot is @{me.username}")


def _way_in(config: Config, hook: Webhook) -> Check:
    """Whether updates come in by the way that is configured."""
    pending = f", {hook.pending} updates wait" if hook.pending else ""
    if config.telegram.update_mode == "polling":
        if not hook.url:
            return Check("updates", "ok", f"fetched by the bot{pending}")
        told = f"Telegram brings them to {hook.url}{pending}, while the settings say that the bot fetches them"
        return Check("updates", "warning", told, "the bot takes that webhook away when it starts: stop and start it")
    if not hook.url:
        remedy = "the bot sets it when it starts: stop and start it"
        return Check("updates", "wrong", f"no webhook is set{pending}", remedy)
    if hook.url != config.telegram.webhook_url:
        told = f"Telegram brings them to {hook.url}{pending}, not to [telegram] webhook_url"
        return Check("updates", "wrong", told, "stop the other program or mend webhook_url, then start the bot anew")
    if hook.last_error and hook.pending:
        at = f"{hook.last_error_at:%Y-%m-%d %H:%M} UTC: " if hook.last_error_at else ""
        told = f"Telegram could not bring {hook.pending} updates to {hook.url} ({at}{hook.last_error})"
        return Check("updates", "wrong", told, "see to the web server, its certificate, and that the bot runs")
    return Check("updates", "ok", f"brought to {hook.url}{pending}")


def _admins(config: Config, known: Mapping[int, bool]) -> Check:
    """`known`: whether the bot may write to each; without it Telegram could not be asked."""
    admins = config.access.admins
    if not admins:
        remedy = "write the Telegram ids of the admins into [access] admins; nobody hears of an alarm else"
        return Check("admins", "warning", "none", remedy)
    strangers = [str(admin) for admin in admins if not known.get(admin, True)]
    if strangers:
        told = f"{', '.join(strangers)} never started this bot: no alarm reaches them"
        return Check("admins", "warning", told, "they open the bot and press Start; or mend [access] admins")
    return Check("admins", "ok", f"{len(admins)} configured{', all known to Telegram' if known else ''}")
