#define _XOPEN_SOURCE 700
#include "world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct bas_pki_rotation look(struct world *from, struct world *to)
{
    struct bas_pki_rotation rotation;
    struct bas_fault fault = { 0 };
    if (bas_pki_rotation(&from->t.env, from->folder, to != NULL ? to->folder : NULL, &rotation,
                         &fault) != BAS_OK) {
        fail_msg("%s", fault.text);
    }
    return rotation;
}

static enum bas_pki_move move_of(const struct bas_pki_rotation *rotation, const char *name)
{
    for (size_t i = 0; i < rotation->n; i++) {
        if (strcmp(rotation->holders[i].entry->name, name) == 0) {
            return rotation->holders[i].move;
        }
    }
    fail_msg("%s is not there", name);
    return BAS_PKI_GONE;
}

/* A certificate of the new authority for a device of the old one. */
static void move(struct world *from, struct world *to, const char *name)
{
    char file[64];
    struct bas_pki_certificate old;
    struct bas_pki_pair pair;
    (void)snprintf(file, sizeof(file), "%s.pem", name);
    assert_int_equal(bas_pki_show(&from->t.env, world_path(from, file), &old, NULL), BAS_OK);
    struct bas_pki_device_request request = { .size = sizeof(request), .directory = to->folder };
    request.name = name;
    request.uuid = old.uuid;
    assert_int_equal(bas_pki_issue(&to->t.env, &request, &pair, NULL), BAS_OK);
}

static void without_a_new_authority_all_stay(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_rotation rotation;
    world_init(&world);
    rotation = look(&world, NULL);
    assert_false(rotation.has_to);
    assert_int_equal(rotation.n, 2);
    assert_int_equal(rotation.n_staying, 2);
    assert_string_equal(rotation.from.entries[0].certificate.subject, "CN=Site CA");
    bas_pki_rotation_free(&world.t.env, &rotation);
    assert_int_equal(
        bas_pki_rotation(&world.t.env, world.folder, world_path(&world, "new"), &rotation, NULL),
        BAS_OK);
    assert_false(rotation.has_to);
    bas_pki_rotation_free(&world.t.env, &rotation);
    world_fini(&world);
}

static void who_has_moved_is_seen_by_signatures(void **state)
{
    (void)state;
    struct world from;
    struct world to;
    struct bas_pki_rotation rotation;
    world_init(&from);
    world_init(&to); /* an authority of the same name, with a hub and a node of its own */
    rotation = look(&from, &to);
    assert_true(rotation.has_to);
    assert_int_equal(move_of(&rotation, "hub"), BAS_PKI_MOVED); /* same seed, same UUIDs */
    bas_pki_rotation_free(&from.t.env, &rotation);
    world_issue(&from, "ahu");
    world_issue(&from, "vav");
    world_issue(&from, "gone");
    world_issue(&to, "padding"); /* the seeds go apart */
    world_issue(&to, "more");
    world_issue(&to, "vav");
    move(&from, &to, "ahu");
    rotation = look(&from, &to);
    assert_int_equal(rotation.n, 5);
    assert_int_equal(move_of(&rotation, "ahu"), BAS_PKI_MOVED);
    assert_int_equal(move_of(&rotation, "vav"), BAS_PKI_OTHER_UUID);
    assert_int_equal(move_of(&rotation, "gone"), BAS_PKI_STAYS);
    assert_int_equal(rotation.n_staying, 2);
    bas_pki_rotation_free(&from.t.env, &rotation);
    char text[4096]; /* one of the old authority does not count for being in the new folder */
    (void)world_read(&from, "gone.pem", text, sizeof(text));
    world_write(&to, "gone.pem", text, 0644);
    rotation = look(&from, &to);
    assert_int_equal(move_of(&rotation, "gone"), BAS_PKI_STAYS);
    bas_pki_rotation_free(&from.t.env, &rotation);
    struct bas_pki_revoke_request revoke = { .size = sizeof(revoke), .directory = from.folder };
    struct bas_pki_crl crl;
    revoke.name = "gone";
    assert_int_equal(bas_pki_revoke(&from.t.env, &revoke, &crl, NULL), BAS_OK);
    rotation = look(&from, &to);
    assert_int_equal(move_of(&rotation, "gone"), BAS_PKI_GONE);
    bas_pki_rotation_free(&from.t.env, &rotation);
    world_fini(&from);
    world_fini(&to);
}

static void a_key_that_is_elsewhere_is_told(void **state)
{
    (void)state;
    struct world world;
    struct bas_pki_csr csr;
    struct bas_pki_pair pair;
    world_init(&world);
    struct bas_pki_csr_request ask = { .size = sizeof(ask), .directory = world.folder };
    ask.name = "far";
    assert_int_equal(bas_pki_request(&world.t.env, &ask, &csr, NULL), BAS_OK);
    struct bas_pki_sign_request sign = { .size = sizeof(sign), .directory = world.folder };
    sign.request_file = csr.request_file;
    assert_int_equal(bas_pki_sign(&world.t.env, &sign, &pair, NULL), BAS_OK);
    assert_int_equal(remove(csr.key_file), 0);
    struct bas_pki_rotation rotation = look(&world, NULL);
    assert_int_equal(rotation.n, 3);
    assert_true(rotation.holders[0].key_is_elsewhere); /* far, by name */
    assert_false(rotation.holders[1].key_is_elsewhere);
    bas_pki_rotation_free(&world.t.env, &rotation);
    world_fini(&world);
}

static void what_is_no_change_is_refused(void **state)
{
    (void)state;
    struct world world;
    struct bas_fault fault;
    struct bas_pki_rotation rotation;
    world_init(&world);
    assert_int_equal(bas_pki_rotation(&world.t.env, world.folder, world.folder, &rotation, &fault),
                     BAS_ERR_INVALID);
    assert_contains(fault.text, "have the same authority");
    assert_int_equal(remove(world_path(&world, "ca.pem")), 0);
    assert_int_equal(bas_pki_rotation(&world.t.env, world.folder, NULL, &rotation, &fault),
                     BAS_ERR_NOT_FOUND);
    assert_contains(fault.text, "there is no authority in");
    world_fini(&world);
}

static void every_failing_allocation_gives_no_plan(void **state)
{
    (void)state;
    struct world from;
    struct world to;
    struct bas_fault fault;
    struct bas_pki_rotation rotation;
    world_init(&from);
    world_init(&to);
    bas_err err = BAS_ERR_NO_MEMORY;
    for (size_t k = 1; err == BAS_ERR_NO_MEMORY && k < 100; k++) {
        from.t.allocations = 0;
        from.t.fail_at = k;
        err = bas_pki_rotation(&from.t.env, from.folder, to.folder, &rotation, &fault);
    }
    assert_int_equal(err, BAS_OK);
    bas_pki_rotation_free(&from.t.env, &rotation);
    world_fini(&from);
    world_fini(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_new_authority_all_stay),
        cmocka_unit_test(who_has_moved_is_seen_by_signatures),
        cmocka_unit_test(a_key_that_is_elsewhere_is_told),
        cmocka_unit_test(what_is_no_change_is_refused),
        cmocka_unit_test(every_failing_allocation_gives_no_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
