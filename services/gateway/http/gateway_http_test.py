"""The gateway over HTTP as Python's client sees it, before services in memory (../testing/fake_cluster.cc)."""

import contextlib
import csv
import hashlib
import http.client
import io
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

PROGRAM = os.environ['AISLEWATCH_GATEWAY_FAKE_CLUSTER']
INCIDENT_1 = '11111111-1111-4111-8111-111111111111'
INCIDENT_2 = '22222222-2222-4222-8222-222222222222'
UNKNOWN = '99999999-9999-4999-8999-999999999999'
EVIDENCE = '33333333-3333-4333-8333-333333333333'
PASSWORD = 'correct horse battery'
BYTES = bytes(i % 251 for i in range(1_000_000))
MACHINE = {'Authorization': 'Bearer awt_machine'}


class Cluster:
    """A running gateway; ends with close()."""

    def __init__(self, *flags):
        self.process = subprocess.Popen(
            [PROGRAM, '--http-listen=127.0.0.1:0', '--insecure-cookies', *flags],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        assert words[:1] == ['http'], 'the gateway did not start'
        self.port = int(words[1])
        self.metrics_port = int(words[3])

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def do(self, command):
        self.process.stdin.write(command + '\n')
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def await_answer(self, command, answer):
        deadline = time.monotonic() + 10
        while self.do(command) != answer:
            assert time.monotonic() < deadline, f'{command} never said {answer}'
            time.sleep(0.02)

    def request(self, method, path, body=None, headers=None):
        """Status, headers and body of one request on a connection of its own."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=20)
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault('Content-Type', 'application/json')
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, response.headers, data

    def stream(self, path, headers=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=20)
        connection.request('GET', path, headers=headers or {})
        return connection, connection.getresponse()

    def login(self, name='ada'):
        """Headers of a session."""
        status, headers, body = self.request('POST', '/api/v1/session',
                                             {'name': name, 'password': PASSWORD})
        assert status == 200, body
        cookie = headers['Set-Cookie'].split(';')[0]
        return {'Cookie': cookie, 'X-CSRF-Token': json.loads(body)['csrfToken']}

    def metric(self, line_start):
        connection = http.client.HTTPConnection('127.0.0.1', self.metrics_port, timeout=20)
        connection.request('GET', '/metrics')
        text = connection.getresponse().read().decode()
        connection.close()
        return sum(float(line.rsplit(' ', 1)[1]) for line in text.splitlines()
                   if line.startswith(line_start))


def events_of(response, count):
    """The first events of a stream, as (event, id, data)."""
    events, event = [], {}
    while len(events) < count:
        line = response.readline().decode().rstrip('\n')
        if line == '' and 'data' in event:
            events.append((event.get('event'), event.get('id'), json.loads(event['data'])))
            event = {}
        elif ': ' in line:
            name, value = line.split(': ', 1)
            event[name] = value
    return events


class GatewayTest(unittest.TestCase):
    FLAGS = ()

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(*cls.FLAGS)

    @classmethod
    def tearDownClass(cls):
        cls.cluster.close()

    def assert_problem(self, answer, status, detail=''):
        got, headers, body = answer
        self.assertEqual(got, status, body)
        self.assertEqual(headers['Content-Type'], 'application/problem+json')
        problem = json.loads(body)
        self.assertEqual(problem['status'], status)
        self.assertIn(detail, problem['detail'])
        return problem

    def get(self, path, headers=MACHINE):
        return self.cluster.request('GET', path, headers=headers)

    def get_json(self, path, headers=MACHINE):
        status, _, body = self.get(path, headers)
        self.assertEqual(status, 200, body)
        return json.loads(body)


class SessionTest(GatewayTest):
    FLAGS = ('--logins-per-minute=1000',)

    def test_login_gives_a_cookie_that_scripts_cannot_read(self):
        status, headers, body = self.cluster.request(
            'POST', '/api/v1/session', {'name': 'ada', 'password': PASSWORD})
        self.assertEqual(status, 200)
        cookie = headers['Set-Cookie']
        for part in ('HttpOnly', 'SameSite=Strict', 'Path=/'):
            self.assertIn(part, cookie)
        session = json.loads(body)
        self.assertEqual(session['principal']['name'], 'ada')
        self.assertNotIn(cookie.split('=')[1].split(';')[0], body.decode())

    def test_a_wrong_password_and_an_unknown_name_look_alike(self):
        answers = [self.cluster.request('POST', '/api/v1/session', {'name': name, 'password': 'x'})
                   for name in ('ada', 'nobody')]
        self.assert_problem(answers[0], 401)
        self.assertEqual(answers[0][2], answers[1][2])

    def test_a_locked_account_says_when_to_try_again(self):
        answer = self.cluster.request('POST', '/api/v1/session', {'name': 'locked', 'password': 'x'})
        self.assert_problem(answer, 429)
        self.assertTrue(int(answer[1]['Retry-After']) > 0)

    def test_a_broken_login_does_not_repeat_the_password(self):
        answer = self.cluster.request('POST', '/api/v1/session', '{"password":"hunter2"',
                                      {'Content-Type': 'application/json'})
        self.assert_problem(answer, 400)
        self.assertNotIn(b'hunter2', answer[2])

    def test_without_a_credential_nothing_is_told(self):
        for path in ('/incidents', f'/incidents/{INCIDENT_1}', '/cameras', '/system', '/session',
                     '/live?cameraIds=c1', f'/evidence/{EVIDENCE}'):
            self.assert_problem(self.get('/api/v1' + path, {}), 401, 'log in')

    def test_an_unknown_and_an_ended_session_are_refused_without_inner_words(self):
        for headers in ({'Cookie': 'aislewatch_session=made-up'}, {'Authorization': 'Bearer made-up'}):
            answer = self.get('/api/v1/incidents', headers)
            self.assert_problem(answer, 401)
            self.assertNotIn(b'inner words', answer[2])
        session = self.cluster.login()
        self.assertEqual(self.get('/api/v1/incidents', session)[0], 200)
        self.cluster.do('end-sessions')
        self.assert_problem(self.get('/api/v1/incidents', session), 401)

    def test_logging_out_ends_the_session_and_the_cookie(self):
        session = self.cluster.login()
        status, headers, _ = self.cluster.request('DELETE', '/api/v1/session', headers=session)
        self.assertEqual(status, 204)
        self.assertIn('Max-Age=0', headers['Set-Cookie'])
        self.assert_problem(self.get('/api/v1/session', session), 401)

    def test_every_login_is_a_new_session(self):
        planted = {'Cookie': 'aislewatch_session=planted', 'Content-Type': 'application/json'}
        _, headers, _ = self.cluster.request(
            'POST', '/api/v1/session', json.dumps({'name': 'ada', 'password': PASSWORD}), planted)
        self.assertNotIn('planted', headers['Set-Cookie'])
        self.assertNotEqual(self.cluster.login()['Cookie'], self.cluster.login()['Cookie'])

    def test_changes_with_the_cookie_need_the_csrf_token(self):
        session = self.cluster.login()
        review = {'state': 'REVIEW_STATE_CONFIRMED'}
        path = f'/api/v1/incidents/{INCIDENT_1}/reviews'
        for token in (None, 'wrong', self.cluster.login()['X-CSRF-Token']):
            headers = {'Cookie': session['Cookie']}
            if token is not None:
                headers['X-CSRF-Token'] = token
            self.assert_problem(self.cluster.request('POST', path, review, headers), 403, 'X-CSRF-Token')
        self.assertEqual(self.cluster.request('POST', path, review, session)[0], 200)
        # The token is the same wherever it is asked for, as replicas must agree on it.
        told = self.get_json('/api/v1/session', session)
        self.assertEqual(told['csrfToken'], session['X-CSRF-Token'])

    def test_a_page_of_another_site_may_change_nothing(self):
        session = self.cluster.login()
        for headers in ({'Sec-Fetch-Site': 'cross-site'}, {'Origin': 'https://evil.example'}):
            self.assert_problem(self.cluster.request(
                'POST', '/api/v1/session', {'name': 'ada', 'password': PASSWORD}, headers), 403)
            self.assert_problem(self.cluster.request(
                'POST', '/api/v1/session/password', {}, {**session, **headers}), 403)

    def test_a_password_is_changed(self):
        session = self.cluster.login()
        change = {'currentPassword': PASSWORD, 'newPassword': 'another good one'}
        self.assertEqual(self.cluster.request(
            'POST', '/api/v1/session/password', change, session)[0], 204)
        change['currentPassword'] = 'wrong'
        self.assert_problem(self.cluster.request(
            'POST', '/api/v1/session/password', change, session), 403, 'wrong')

    def test_roles_are_event_storages_to_enforce(self):
        user = {'user': {'name': 'new', 'role': 'ROLE_VIEWER'}, 'password': 'x' * 12}
        self.assertEqual(self.cluster.request(
            'POST', '/api/v1/users', user, self.cluster.login('ada'))[0], 201)
        self.assert_problem(self.cluster.request(
            'POST', '/api/v1/users', user, self.cluster.login('vic')), 403, 'admin')
        user['user']['name'] = 'ada'
        self.assert_problem(self.cluster.request(
            'POST', '/api/v1/users', user, self.cluster.login('ada')), 409)

    def test_only_an_admin_may_try_sources(self):
        probe = {'sourceUrl': 'rtsp://camera.example/1'}
        status, _, body = self.cluster.request('POST', '/api/v1/probe', probe, self.cluster.login('ada'))
        self.assertEqual((status, json.loads(body)['width']), (200, 640))
        self.assert_problem(self.cluster.request(
            'POST', '/api/v1/probe', probe, self.cluster.login('vic')), 403)

    def preview(self, camera='c1', who='ada', **body):
        body = {'rules': [{'ruleId': 'staff', 'kind': 'INCIDENT_KIND_RESTRICTED_ZONE'}], 'window': '7200s', **body}
        return self.cluster.request('POST', f'/api/v1/cameras/{camera}/rules/preview', body, self.cluster.login(who))

    def test_rules_are_tried_where_the_camera_runs(self):
        status, _, body = self.preview()
        self.assertEqual(status, 200, body)
        preview = json.loads(body)
        self.assertEqual(preview['rules'], [{'ruleId': 'staff', 'incidents': 2, 'examples': []}])
        self.assertEqual(preview['watched'], '7s')

    def test_who_may_not_change_a_camera_may_not_try_its_rules(self):
        self.assert_problem(self.preview(who='vic'), 403, 'admin')
        self.assert_problem(self.preview('c9'), 404)
        self.assert_problem(self.cluster.request('POST', '/api/v1/cameras/c1/rules/preview', {}), 401)

    def test_rules_that_cannot_be_tried(self):
        answer = self.preview('c2')
        self.assert_problem(answer, 503, 'not running')
        self.assertIn('Retry-After', answer[1])
        self.assert_problem(self.preview(rules=[{'ruleId': 'x'}]), 400, 'kind')
        self.assert_problem(self.preview(colour='red'), 400)
        self.assert_problem(self.preview(cameraId='c2'), 400, 'address')
        away = self.preview(rules=[{'ruleId': 'away', 'kind': 'INCIDENT_KIND_FIGHT'}])
        self.assertNotIn('127.0.0.1', self.assert_problem(away, 503, 'away')['detail'])

    def test_a_preview_ends_when_nobody_waits_for_it(self):
        body = json.dumps({'rules': [{'ruleId': 'long', 'kind': 'INCIDENT_KIND_FIGHT'}], 'window': '3600s'})
        connection = http.client.HTTPConnection('127.0.0.1', self.cluster.port, timeout=20)
        connection.request('POST', '/api/v1/cameras/c1/rules/preview', body,
                           {**self.cluster.login('ada'), 'Content-Type': 'application/json'})
        self.cluster.await_answer('previews', '1')
        connection.close()
        self.cluster.await_answer('previews', '0')


class IncidentTest(GatewayTest):
    FLAGS = ('--logins-per-minute=1000',)

    def test_incidents_are_filtered_by_the_query(self):
        everything = self.get_json('/api/v1/incidents')
        self.assertEqual(len(everything['incidents']), 2)
        # Fields that have their default are there, too.
        self.assertEqual(everything['incidents'][0]['peakRisk'], 0)
        one = self.get_json('/api/v1/incidents?storeIds=store-2&minSeverity=SEVERITY_INFO'
                            '&openedFrom=2026-01-01T00:00:00Z&pageSize=7&pageToken=a%2Bb')
        self.assertEqual([i['incidentId'] for i in one['incidents']], [INCIDENT_2])
        self.assertEqual(one['nextPageToken'], 'a+b+7')
        none = self.get_json('/api/v1/incidents?openedFrom=2036-01-01T00:00:00Z')
        self.assertEqual(none['incidents'], [])

    def test_the_audit_log_is_for_admins(self):
        log = self.get_json('/api/v1/audit?principal=ada&target=camera%20door&fromTime=2026-01-01T00:00:00Z&pageSize=5')
        self.assertEqual(log['entries'], [{
            'number': '7', 'time': '2026-03-04T12:00:00Z', 'principal': 'ada', 'role': 'ROLE_ADMIN', 'isToken': False,
            'action': 'DeleteCamera', 'target': 'camera door', 'result': 'OK'}])
        self.assertEqual(log['nextPageToken'], '+5')
        self.assert_problem(self.get('/api/v1/audit', self.cluster.login('vic')), 403)
        self.assert_problem(self.get('/api/v1/audit?who=ada'), 400, 'who')

    def test_attention_is_told_as_json_and_as_a_table(self):
        query = '?storeIds=store-2&zoneKinds=ZONE_KIND_STOREFRONT&step=ATTENTION_STEP_DAY&timeZone=Europe/Berlin'
        sums = self.get_json('/api/v1/attention' + query)['sums']
        self.assertEqual([(s['storeId'], s['passersBy'], s['looked'], s['lookingTime']) for s in sums],
                         [('store-2', '12', '5', '0.500s')])
        status, headers, body = self.get('/api/v1/attention.csv' + query)
        self.assertEqual(status, 200, body)
        self.assertEqual(headers['Content-Type'], 'text/csv; charset=utf-8')
        self.assertIn('attention.csv', headers['Content-Disposition'])
        lines = list(csv.reader(io.StringIO(body.decode(), newline='')))
        self.assertEqual(lines[0][:4], ['store', 'camera', 'zone', 'zone_kind'])
        # A formula in a name stays text.
        self.assertEqual(lines[1], ['store-2', 'c1', '\'=1+1,"two"', 'storefront', '2026-03-04T12:00:00Z',
                                    '12', '5', '0', '0', '0.500', '0.000'])
        viewer = self.cluster.login('vic')
        self.assertEqual(len(self.get_json('/api/v1/attention', viewer)['sums']), 1)
        for path in ('attention', 'attention.csv'):
            self.assert_problem(self.get(f'/api/v1/{path}?timeZone=Nowhere'), 400, 'Nowhere')
            self.assert_problem(self.get(f'/api/v1/{path}?step=WEEK'), 400, 'ATTENTION_STEP_DAY')
            self.assert_problem(self.get(f'/api/v1/{path}?pageSize=3'), 400, 'pageSize')

    def test_a_wrong_query_names_what_is_wrong(self):
        for query, detail in (('colour=red', 'colour'), ('pageSize=many', 'pageSize'),
                              ('minSeverity=LOUD', 'SEVERITY_CRITICAL'), ('openedFrom=monday', 'openedFrom'),
                              ('pageSize=1&pageSize=2', 'more than once'), ('storeIds=%zz', 'encoded')):
            self.assert_problem(self.get('/api/v1/incidents?' + query), 400, detail)

    def test_another_stores_incident_is_as_if_it_were_not_there(self):
        viewer = self.cluster.login('vic')
        self.assertEqual(self.get(f'/api/v1/incidents/{INCIDENT_1}', viewer)[0], 200)
        hidden = self.assert_problem(self.get(f'/api/v1/incidents/{INCIDENT_2}', viewer), 404)
        unknown = self.assert_problem(self.get(f'/api/v1/incidents/{UNKNOWN}', viewer), 404)
        self.assertEqual(hidden['detail'].replace(INCIDENT_2, ''), unknown['detail'].replace(UNKNOWN, ''))
        for path in (f'/incidents/{INCIDENT_2}/export', '/cameras/c2/snapshot', '/cameras/c2/live.mjpeg',
                     '/live?cameraIds=c1&cameraIds=c2'):
            self.assert_problem(self.get('/api/v1' + path, viewer), 404)

    def test_the_reviewer_is_who_is_logged_in(self):
        review = {'state': 'REVIEW_STATE_FALSE_ALARM', 'note': 'a mannequin', 'reviewer': 'somebody else'}
        status, _, body = self.cluster.request('POST', f'/api/v1/incidents/{INCIDENT_1}/reviews', review, MACHINE)
        self.assertEqual(status, 200, body)
        self.assertEqual(json.loads(body)['review']['reviewer'], 'till')

    def test_bodies_that_are_wrong_are_named(self):
        path = f'/api/v1/incidents/{INCIDENT_1}/reviews'
        json_type = {'Content-Type': 'application/json', **MACHINE}
        for body, detail in (('{"state":', 'not the JSON'), ('{"colour":1}', 'colour'), ('[]', 'JSON'),
                             ('{"state":"LOUD"}', 'LOUD'), ('', 'empty'),
                             (json.dumps({'incidentId': UNKNOWN}), 'address')):
            self.assert_problem(self.cluster.request('POST', path, body, json_type), 400, detail)
        self.assert_problem(self.cluster.request('POST', path, 'state=1', MACHINE), 415, 'application/json')
        self.assert_problem(self.cluster.request('POST', path, '{' * 900_000, json_type), 400)

    def test_bodies_that_are_too_long_are_not_read(self):
        answer = self.cluster.request('POST', '/api/v1/cameras', b'"' + b'x' * (1 << 20) + b'"',
                                      {'Content-Type': 'application/json', **MACHINE})
        self.assert_problem(answer, 413)
        self.assertEqual(answer[1]['Connection'], 'close')

    def test_an_old_revision_is_a_conflict(self):
        camera = {'cameraId': 'c1', 'storeId': 'store-1', 'revision': '1'}
        self.assert_problem(self.cluster.request('PUT', '/api/v1/cameras/c1', camera, MACHINE), 409)
        camera['revision'] = '2'
        self.assertEqual(self.cluster.request('PUT', '/api/v1/cameras/c1', camera, MACHINE)[0], 200)

    def test_inner_errors_stay_inside(self):
        answer = self.get('/api/v1/incidents/crash')
        problem = self.assert_problem(answer, 500)
        self.assertIn(answer[1]['X-Request-ID'], problem['detail'])
        self.assertNotIn('secret', problem['detail'])

    def test_addresses_and_methods_that_are_not_there(self):
        self.assert_problem(self.get('/api/v1/nothing'), 404, 'openapi.json')
        self.assert_problem(self.get('/api/v1/incidents/'), 404)
        answer = self.cluster.request('PATCH', '/api/v1/cameras/c1', headers=MACHINE)
        self.assert_problem(answer, 405)
        self.assertEqual(answer[1]['Allow'], 'GET, PUT, DELETE')

    def test_what_the_services_do_not_know_yet(self):
        self.assert_problem(self.get('/api/v1/webhooks'), 501)


class EvidenceTest(GatewayTest):
    PATH = f'/api/v1/evidence/{EVIDENCE}'

    def test_it_comes_whole(self):
        status, headers, body = self.get(self.PATH)
        self.assertEqual((status, body == BYTES), (200, True))
        self.assertEqual(headers['Content-Type'], 'video/mp4')
        self.assertEqual(headers['ETag'], f'"{hashlib.sha256(BYTES).hexdigest()}"')
        self.assertIn('private', headers['Cache-Control'])

    def test_it_comes_in_ranges(self):
        for text, first, last in (('0-9', 0, 9), ('999990-', 999_990, 999_999), ('-5', 999_995, 999_999),
                                  ('300000-700000', 300_000, 700_000), ('999999-2000000', 999_999, 999_999)):
            status, headers, body = self.get(self.PATH, {'Range': f'bytes={text}', **MACHINE})
            self.assertEqual((status, body == BYTES[first:last + 1]), (206, True), text)
            self.assertEqual(headers['Content-Range'], f'bytes {first}-{last}/1000000')
            self.assertEqual(int(headers['Content-Length']), last - first + 1)

    def test_a_range_beyond_the_end_tells_the_size(self):
        answer = self.get(self.PATH, {'Range': 'bytes=1000000-', **MACHINE})
        self.assert_problem(answer, 416)
        self.assertEqual(answer[1]['Content-Range'], 'bytes */1000000')

    def test_a_range_of_something_else_is_not_given(self):
        status, _, body = self.get(self.PATH, {'Range': 'bytes=0-1', 'If-Range': '"other"', **MACHINE})
        self.assertEqual((status, len(body)), (200, len(BYTES)))

    def test_head_and_etag_spare_the_bytes(self):
        status, headers, body = self.cluster.request('HEAD', self.PATH, headers=MACHINE)
        self.assertEqual((status, body, headers['Content-Length']), (200, b'', '1000000'))
        status, _, body = self.get(self.PATH, {'If-None-Match': headers['ETag'], **MACHINE})
        self.assertEqual((status, body), (304, b''))

    def test_unknown_evidence(self):
        self.assert_problem(self.get(f'/api/v1/evidence/{UNKNOWN}'), 404)

    def test_an_export_is_a_file(self):
        status, headers, body = self.get(f'/api/v1/incidents/{INCIDENT_1}/export')
        self.assertEqual((status, body), (200, b'PKzip'))
        self.assertEqual(headers['Content-Disposition'], f'attachment; filename="incident-{INCIDENT_1}.zip"')
        self.assert_problem(self.get(f'/api/v1/incidents/{UNKNOWN}/export'), 404)


class StreamTest(GatewayTest):
    FLAGS = ('--max-streams=3', '--http-threads=8')

    def tearDown(self):
        self.cluster.await_answer('watchers', '0')
        self.cluster.await_answer('live-watchers', '0')

    @contextlib.contextmanager
    def stream(self, path, headers=MACHINE):
        connection, response = self.cluster.stream(path, headers)
        try:
            yield response
        finally:
            response.close()
            connection.close()

    def test_changes_come_and_go_on_where_they_were_left(self):
        with self.stream('/api/v1/incidents/stream') as response:
            self.assertEqual(response.headers['Content-Type'], 'text/event-stream')
            (event, cursor, _), = events_of(response, 1)
            self.assertEqual(event, 'cursor')
            self.cluster.do('emit')
            self.cluster.do('emit')
            (first, first_id, data), _ = events_of(response, 2)
            self.assertEqual(first, 'transition')
            self.assertEqual(data['transition']['incident']['incidentId'], INCIDENT_1)
        for resume in ({'Last-Event-ID': first_id, **MACHINE}, MACHINE):
            query = '' if 'Last-Event-ID' in resume else f'?lastEventId={first_id}'
            with self.stream('/api/v1/incidents/stream' + query, resume) as response:
                (_, second_id, _), = events_of(response, 1)
                self.assertEqual(int(second_id), int(first_id) + 1)

    def test_a_stream_that_cannot_begin_is_a_problem(self):
        self.assert_problem(self.get('/api/v1/incidents/stream?colour=red'), 400)
        self.assert_problem(self.get('/api/v1/incidents/stream?lastEventId=x'), 400, 'cursor')
        self.assert_problem(self.get('/api/v1/incidents/stream', {}), 401)

    def test_who_goes_frees_the_stream_and_who_is_too_many_is_told(self):
        with contextlib.ExitStack() as stack:
            for _ in range(3):
                response = stack.enter_context(self.stream('/api/v1/incidents/stream'))
                events_of(response, 1)
            answer = self.get('/api/v1/incidents/stream')
            self.assert_problem(answer, 503)
            self.assertIn('Retry-After', answer[1])
            # Plain requests are not starved.
            self.assertEqual(self.get('/api/v1/incidents')[0], 200)
            self.assertEqual(self.cluster.metric('aislewatch_gateway_streams{kind="incidents"}'), 3)
        self.cluster.await_answer('watchers', '0')
        with self.stream('/api/v1/incidents/stream') as response:
            events_of(response, 1)

    def test_live_frames_come_from_the_replica_that_runs_the_camera(self):
        with self.stream('/api/v1/live?cameraIds=c1&cameraIds=c2&fps=60') as response:
            got = {}
            while set(got) != {'frame', 'gone'}:
                (event, _, data), = events_of(response, 1)
                got[event] = data
            self.assertEqual(got['frame']['cameraId'], 'c1')
            self.assertTrue(got['frame']['frame']['image']['data'].startswith('/9hwaWN0dXJl'))
            self.assertEqual(got['gone']['cameraId'], 'c2')

    def test_viewers_share_one_upstream(self):
        with self.stream('/api/v1/live?cameraIds=c1') as one, self.stream('/api/v1/live?cameraIds=c1') as two:
            events_of(one, 1)
            events_of(two, 1)
            self.assertEqual(self.cluster.do('live-watchers'), '1')

    def test_verdicts_come_without_pictures(self):
        with self.stream('/api/v1/live?cameraIds=c1&images=false') as response:
            (_, _, data), = events_of(response, 1)
            self.assertNotIn('image', data['frame'])

    def test_a_snapshot_is_the_newest_picture(self):
        status, headers, body = self.get('/api/v1/cameras/c1/snapshot')
        self.assertEqual((status, headers['Content-Type'], body[:9]), (200, 'image/jpeg', b'\xff\xd8picture'))
        answer = self.get('/api/v1/cameras/c2/snapshot')
        self.assert_problem(answer, 503, 'not running')

    def test_pictures_stream_to_other_programs(self):
        with self.stream('/api/v1/cameras/c1/live.mjpeg') as response:
            self.assertIn('multipart/x-mixed-replace', response.headers['Content-Type'])
            self.assertIn(b'image/jpeg', response.read(80))

    def test_wrong_questions(self):
        for query in ('', 'cameraIds=c1&fps=0', 'cameraIds=c1&fps=nan', 'cameraIds=c1&images=maybe',
                      'cameraIds=c1&colour=red', '&'.join(f'cameraIds=c{i}' for i in range(65))):
            self.assert_problem(self.get('/api/v1/live?' + query), 400)


class PaceTest(GatewayTest):
    """Heartbeats come every 15 s and callers are asked for every 30 s, unless flags say otherwise."""
    FLAGS = ('--stream-heartbeat=200ms', '--stream-check=200ms', '--logins-per-minute=1000')

    def test_a_stream_with_nothing_to_tell_says_so(self):
        # c2 is not running: its end is told once, then there is nothing.
        for path, before in (('/api/v1/incidents/stream', 'cursor'), ('/api/v1/live?cameraIds=c2', 'gone')):
            connection, response = self.cluster.stream(path, MACHINE)
            (event, _, _), = events_of(response, 1)
            self.assertEqual(event, before)
            self.assertEqual([response.readline() for _ in range(4)], [b':\n', b'\n'] * 2)
            connection.close()

    def test_a_stream_with_much_to_tell_needs_none(self):
        connection, response = self.cluster.stream('/api/v1/live?cameraIds=c1&fps=60', MACHINE)
        lines = [response.readline() for _ in range(40)]
        self.assertNotIn(b':\n', lines)
        connection.close()

    def test_streams_end_with_the_right_to_see_them(self):
        paths = ('/incidents/stream', '/live?cameraIds=c1', '/live?cameraIds=c2', '/cameras/c1/live.mjpeg')
        session = self.cluster.login()
        streams = [self.cluster.stream('/api/v1' + path, session) for path in paths]
        others = self.cluster.stream('/api/v1/incidents/stream', MACHINE)
        for _, response in (*streams, others):
            self.assertEqual(response.status, 200)
            response.read(10)
        self.cluster.do('end-sessions')
        for connection, response in streams:
            response.read()  # To the end.
            connection.close()
        # Who may still see it goes on.
        self.cluster.do('emit')
        while b'event: transition' not in others[1].readline():
            pass
        others[0].close()

    def test_streams_outlive_event_storage_being_away_for_a_moment(self):
        connection, response = self.cluster.stream('/api/v1/live?cameraIds=c2', MACHINE)
        events_of(response, 1)
        self.cluster.do('stop-services')
        for _ in range(3):
            while response.readline() != b':\n':
                pass
        self.cluster.do('start-services')
        connection.close()

    def test_paces_that_make_no_sense_are_refused(self):
        for flag in ('--stream-heartbeat=0s', '--stream-check=1'):
            run = subprocess.run([PROGRAM, '--http-listen=127.0.0.1:0', flag], text=True, stdin=subprocess.DEVNULL,
                                 capture_output=True)
            self.assertNotEqual(run.returncode, 0)
            self.assertIn(flag.split('=')[0], run.stdout + run.stderr)


class AwayTest(GatewayTest):

    def test_event_storage_away_and_back(self):
        self.assertEqual(self.get('/readyz', {})[0], 200)
        self.cluster.do('stop-services')
        for path in ('/incidents', '/incidents/stream', f'/evidence/{EVIDENCE}', '/live?cameraIds=c1', '/system'):
            answer = self.get('/api/v1' + path)
            problem = self.assert_problem(answer, 503, 'try again')
            self.assertNotIn('127.0.0.1', problem['detail'])
            self.assertIn('Retry-After', answer[1])
        self.assertEqual(self.get('/healthz', {})[0], 200)
        self.assert_problem(self.get('/readyz', {}), 503)
        self.cluster.do('start-services')
        deadline = time.monotonic() + 20
        while self.get('/api/v1/incidents')[0] != 200:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)


class DrainTest(GatewayTest):

    def test_draining_ends_streams(self):
        connection, response = self.cluster.stream('/api/v1/incidents/stream', MACHINE)
        events_of(response, 1)
        self.cluster.do('drain')
        self.assertNotIn(b'event', response.read())  # To the end.
        connection.close()


class LimitTest(GatewayTest):
    FLAGS = ('--logins-per-minute=3', '--requests-per-second=5', '--trusted-proxies=127.0.0.0/8')

    def login_from(self, address, name):
        return self.cluster.request('POST', '/api/v1/session', {'name': name, 'password': 'x'},
                                    {'X-Forwarded-For': f'6.6.6.6, {address}'})

    def test_logins_are_limited_by_address_and_by_name(self):
        for i in range(3):
            self.assert_problem(self.login_from('192.0.2.1', f'name-{i}'), 401)
        answer = self.login_from('192.0.2.1', 'name-9')
        self.assert_problem(answer, 429)
        self.assertTrue(int(answer[1]['Retry-After']) > 0)
        for i in range(3):
            self.assert_problem(self.login_from(f'192.0.2.{i + 10}', 'Carol'), 401)
        self.assert_problem(self.login_from('192.0.2.20', 'carol'), 429)
        self.assert_problem(self.login_from('192.0.2.20', 'dave'), 401)
        self.assertEqual(self.cluster.metric('aislewatch_gateway_logins_total{result="limited"}'), 2)

    def test_requests_of_one_caller_are_limited(self):
        statuses = [self.get('/api/v1/session')[0] for _ in range(40)]
        self.assertIn(429, statuses)
        self.assertEqual(statuses[0], 200)


class RawTest(GatewayTest):
    """What a well-behaved client would not send."""

    def raw(self, data, timeout=20):
        with socket.create_connection(('127.0.0.1', self.cluster.port), timeout=timeout) as connection:
            connection.sendall(data)
            received = b''
            while chunk := connection.recv(65536):
                received += chunk
            return received

    def status_of(self, data):
        return int(self.raw(data).split(b' ', 2)[1])

    def test_paths_lead_nowhere_else(self):
        for path in ('/../../../../etc/passwd', '/..%2f..%2f..%2fetc/passwd', '/%2e%2e/%2e%2e/etc/passwd',
                     '/assets/..\\..\\etc\\passwd', '//etc/passwd'):
            answer = self.raw(f'GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'.encode())
            self.assertIn(b' 404 ', answer.split(b'\r\n')[0], path)
            self.assertNotIn(b'root:', answer)

    def test_requests_that_are_no_http_are_refused(self):
        self.assertEqual(self.status_of(b'NONSENSE\r\n\r\n'), 400)
        self.assertEqual(self.status_of(b'GET /' + b'a' * 6000 + b' HTTP/1.1\r\nHost: x\r\n\r\n'), 414)

    def test_a_body_is_never_taken_for_a_request(self):
        smuggled = b'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
        heads = (
            b'GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n',
            b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n',
            b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: %d\r\n\r\n',
            b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n')
        for head in heads:
            answer = self.raw(head % len(smuggled) + smuggled)
            self.assertEqual(answer.count(b'HTTP/1.1 '), 1, answer)
            self.assertIn(answer[9:12], (b'400', b'415'))

    def test_endless_headers_are_cut(self):
        many = b''.join(b'X-H-%d: %s\r\n' % (i, b'v' * 1000) for i in range(100))
        answer = self.raw(b'GET /healthz HTTP/1.1\r\nHost: x\r\n' + many + b'\r\n')
        self.assertNotIn(b' 200 ', answer.split(b'\r\n')[0])

    def test_connections_are_kept_for_more_requests(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.cluster.port, timeout=20)
        for _ in range(20):
            connection.request('GET', '/healthz')
            self.assertEqual(connection.getresponse().read(), b'ok\n')
        connection.close()

    def test_answers_tell_browsers_what_is_allowed(self):
        for path in ('/', '/api/v1/incidents', '/healthz', '/api/v1/nothing'):
            headers = self.get(path)[1]
            self.assertIn("frame-ancestors 'none'", headers['Content-Security-Policy'])
            self.assertNotIn('unsafe', headers['Content-Security-Policy'])
            self.assertEqual(headers['X-Content-Type-Options'], 'nosniff')
            self.assertEqual(headers['Referrer-Policy'], 'no-referrer')
            self.assertEqual(len(headers.get_all('Content-Security-Policy')), 1)

    def test_the_document_describes_what_is_served(self):
        document = self.get_json('/api/v1/openapi.json', {})
        self.assertEqual(document['openapi'], '3.0.3')
        operations = [(path, method, operation) for path, methods in document['paths'].items()
                      for method, operation in methods.items()]
        self.assertGreater(len(operations), 35)
        for path, method, operation in operations:
            named = {part.split('"')[0] for part in json.dumps(operation).split('#/components/schemas/')[1:]}
            self.assertEqual(named - set(document['components']['schemas']), set())
            if operation.get('security') == []:
                continue
            # Without a credential a known address says 401, one that is not known 404.
            concrete = path.replace('{id}', 'x').replace('{name}', 'x')
            status = self.cluster.request(method.upper(), concrete)[0]
            self.assertEqual(status, 401, (method, path))
        ids = [operation['operationId'] for _, _, operation in operations]
        self.assertEqual(len(ids), len(set(ids)))

    def test_the_document_is_valid(self):
        try:
            import openapi_spec_validator
        except ImportError:
            self.skipTest('python3-openapi-spec-validator is not installed')
        validate = getattr(openapi_spec_validator, 'validate', None) or openapi_spec_validator.validate_spec
        validate(self.get_json('/api/v1/openapi.json', {}))

    def test_curl_gets_along_with_it(self):
        if shutil.which('curl') is None:
            self.skipTest('curl is not installed')
        url = f'http://127.0.0.1:{self.cluster.port}/api/v1'
        run = subprocess.run(
            ['curl', '-sS', '--compressed', '-H', 'Authorization: Bearer awt_machine', f'{url}/incidents'],
            capture_output=True, text=True, check=True)
        self.assertEqual(len(json.loads(run.stdout)['incidents']), 2)
        run = subprocess.run(
            ['curl', '-sS', '-r', '5-9', '-H', 'Authorization: Bearer awt_machine', f'{url}/evidence/{EVIDENCE}'],
            capture_output=True, check=True)
        self.assertEqual(run.stdout, BYTES[5:10])


class SlowTest(GatewayTest):
    FLAGS = ('--http-threads=4', '--max-streams=1')

    def test_idle_connections_make_room_for_others(self):
        idle = []
        for _ in range(4):
            connection = http.client.HTTPConnection('127.0.0.1', self.cluster.port, timeout=20)
            connection.request('GET', '/healthz')
            connection.getresponse().read()
            idle.append(connection)
        start = time.monotonic()
        self.assertEqual(self.get('/healthz')[0], 200)
        self.assertLess(time.monotonic() - start, 5)
        for connection in idle:
            connection.close()


class AnonymousTest(GatewayTest):
    FLAGS = ('--allow-anonymous',)

    def test_who_is_on_this_machine_may_do_everything(self):
        session = self.get_json('/api/v1/session', {})
        self.assertEqual(session['principal']['role'], 'ROLE_ADMIN')
        self.assertEqual(len(self.get_json('/api/v1/incidents', {})['incidents']), 2)
        status, _, body = self.cluster.request('POST', f'/api/v1/incidents/{INCIDENT_1}/reviews',
                                               {'state': 'REVIEW_STATE_CONFIRMED'})
        self.assertEqual((status, json.loads(body)['review']['reviewer']), (200, 'anonymous'))

    def test_pages_elsewhere_may_do_nothing(self):
        self.assert_problem(self.get('/api/v1/incidents', {'Host': 'evil.example'}), 421)
        self.assert_problem(self.cluster.request('POST', '/api/v1/webhooks/x/test',
                                                 headers={'Sec-Fetch-Site': 'cross-site'}), 403)

    def test_it_is_refused_where_others_could_come(self):
        run = subprocess.run([PROGRAM, '--http-listen=0.0.0.0:0', '--allow-anonymous'], text=True,
                             stdin=subprocess.DEVNULL, capture_output=True)
        self.assertEqual(run.returncode, 1)
        self.assertIn('loopback', run.stderr)


class ConsoleTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        files = {'index.html': '<p>console</p>', 'assets/index-4f3a9c21.js': 'x' * 5000, 'logo.svg': '<svg/>'}
        for name, text in files.items():
            path = os.path.join(cls.folder.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as file:
                file.write(text)
        os.symlink('/etc/passwd', os.path.join(cls.folder.name, 'passwd.txt'))
        cls.cluster = Cluster('--console=' + cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.cluster.close()
        cls.folder.cleanup()

    def test_pages_of_the_console_are_its_index(self):
        for path in ('/', '/index.html', '/incidents/' + INCIDENT_1):
            status, headers, body = self.cluster.request('GET', path)
            self.assertEqual((status, body), (200, b'<p>console</p>'), path)
            self.assertEqual(headers['Cache-Control'], 'no-cache')

    def test_assets_are_kept_by_browsers(self):
        status, headers, body = self.cluster.request('GET', '/assets/index-4f3a9c21.js',
                                                     headers={'Accept-Encoding': 'gzip, br'})
        self.assertEqual(status, 200)
        self.assertEqual(headers['Content-Encoding'], 'gzip')
        self.assertLess(len(body), 200)
        self.assertIn('immutable', headers['Cache-Control'])
        self.assertIn('text/javascript', headers['Content-Type'])
        status, _, _ = self.cluster.request('GET', '/assets/index-4f3a9c21.js',
                                            headers={'If-None-Match': headers['ETag']})
        self.assertEqual(status, 304)

    def test_what_is_not_there_is_not_there(self):
        for path in ('/assets/other.js', '/passwd.txt', '/../x.txt', '/%2e%2e/%2e%2e/etc/passwd.txt'):
            self.assertEqual(self.cluster.request('GET', path)[0], 404, path)


class TlsTest(unittest.TestCase):

    def test_https(self):
        if shutil.which('openssl') is None:
            self.skipTest('openssl is not installed')
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = os.path.join(folder, 'c.pem'), os.path.join(folder, 'k.pem')
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
                            '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext',
                            'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
                           check=True, capture_output=True)
            cluster = Cluster('--http-certificate=' + certificate, '--http-key=' + key)
            context = ssl.create_default_context(cafile=certificate)
            connection = http.client.HTTPSConnection('localhost', cluster.port, context=context, timeout=20)
            for _ in range(2):
                connection.request('GET', f'/api/v1/evidence/{EVIDENCE}', headers=MACHINE)
                self.assertEqual(connection.getresponse().read(), BYTES)
            connection.close()
            # Plain HTTP on the port ends the connection, and harms nobody.
            with self.assertRaises((http.client.HTTPException, OSError)):
                cluster.request('GET', '/healthz')
            cluster.close()


class SystemTest(unittest.TestCase):

    def test_services_are_told_of_by_their_metrics(self):
        exposition = (b'# HELP x\naislewatch_pose_build_info{version="1.2.3"} 1\n'
                      b'aislewatch_pose_model_info{name="movenet",role="pose",version="0"} 0\n'
                      b'aislewatch_pose_model_info{name="movenet",role="pose",version="1"} 1\n'
                      b'aislewatch_pose_queue_items 4\naislewatch_pose_items_total{outcome="ok"} 30\n'
                      b'aislewatch_pose_items_total{outcome="expired"} 10\nnonsense\n')
        server = socket.create_server(('127.0.0.1', 0))

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n'
                                           % len(exposition) + exposition)
        thread = threading.Thread(target=serve)
        thread.start()
        cluster = Cluster(f'--service=pose=127.0.0.1:{server.getsockname()[1]},gone=127.0.0.1:1',
                          '--grafana-url=https://grafana.example/')
        status, _, body = cluster.request('GET', '/api/v1/system', headers=MACHINE)
        cluster.close()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
        self.assertEqual(status, 200)
        page = json.loads(body)
        pose, gone = page['services']
        self.assertEqual((pose['ready'], pose['version']), (True, '1.2.3'))
        self.assertEqual(pose['models'], [{'role': 'pose', 'name': 'movenet', 'version': '1'}])
        self.assertEqual(pose['metrics'], {'queueLength': 4, 'dropRate': 0.25})
        self.assertEqual((gone['ready'], gone['error']), (False, 'it does not answer'))
        self.assertEqual(page['grafanaUrl'], 'https://grafana.example/')


if __name__ == '__main__':
    unittest.main()
